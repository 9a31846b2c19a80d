// #region definition
import { generateImage, generateText } from "ai";
import { assetRef, defineJob } from "darkroom";
import { z } from "zod";

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
