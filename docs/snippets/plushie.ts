import { generateImage, generateText } from "ai";
import { assetRef, defineJob, exponential } from "darkroom";
import { z } from "zod";

// #region definition
export const plushie = defineJob({
	kind: "generate-plushie",
	input: z.object({ photo: assetRef, notes: z.string().max(500).optional() }),
	output: z.object({ plushie: assetRef }),
	assets: ({ photo }) => [photo],
	credits: { price: 1 },
	limits: { activePerOwner: 5 },
	async run({ input, step, models, assets }) {
		const photo = await assets.read(input.photo);
		const seen = await step.run("analyze-image", async () => {
			const file = { type: "file", data: photo.bytes, mediaType: photo.contentType } as const;
			const question = { type: "text", text: "Who is in this photo? Name what makes them who they are." } as const;
			const { text } = await generateText({
				model: models.vision,
				messages: [{ role: "user", content: [question, file] }],
			});
			return text;
		});
		const plushie = await step.run("generate-plushie", async () => {
			const prompt = { text: `A plush toy of this: ${seen}`, images: [photo.bytes] };
			const { image } = await generateImage({ model: models.image, prompt });
			return assets.save(image.uint8Array);
		});
		return { plushie };
	},
});
// #endregion

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
