import { generateImage } from "ai";
import { assetRef, defineJob, exponential } from "darkroom";
import { z } from "zod";

// #region careful
export const carefulPlushie = defineJob({
	kind: "generate-careful-plushie",
	input: z.object({ photo: assetRef }),
	output: z.object({ plushie: assetRef }),
	assets: ({ photo }) => [photo],
	credits: { price: 1 },
	// Of each step: 3 tries, waiting 1 s and then 2 s.
	retry: { attempts: 3, backoff: exponential("1s") },
	// Over all attempts, from the first claim.
	timeout: "5m",
	async run({ input, step, models, assets, progress }) {
		const draft = await step.run("generate-plushie", async (draw) => {
			const photo = await assets.read(input.photo);
			const { image } = await generateImage({
				model: models.image,
				prompt: { text: "A plush toy of this", images: [photo.bytes] },
			});
			const asset = await assets.save(image.uint8Array);
			draw.preview(asset);
			return asset;
		});
		progress(90, "Looking at it once more");
		return { plushie: draft };
	},
	async onFailure({ results, assets }) {
		const draft = results["generate-plushie"];
		if (typeof draft === "string") await assets.delete(draft);
	},
});
// #endregion
