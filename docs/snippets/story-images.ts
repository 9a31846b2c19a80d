import { generateImage } from "ai";
import { assetRef, defineJob } from "darkroom";
import { z } from "zod";

// #region definition
const page = z.object({ page: z.number(), image: assetRef.nullable(), error: z.string().nullable() });

export const storyImages = defineJob({
	kind: "generate-story-images",
	input: z.object({ storyId: z.string(), prompts: z.array(z.string().max(4_000)).min(1).max(40) }),
	output: z.object({ pages: z.array(page) }),
	// One at a time for each story; one that is stuck for 5 minutes makes way.
	subject: ({ storyId }) => `story:${storyId}`,
	staleAfter: "5m",
	timeout: "15m",
	credits: {
		price: ({ prompts }) => prompts.length,
		capture: ({ output }) => output.pages.filter(({ image }) => image !== null).length,
	},
	async run({ input, step, models, assets }) {
		const drawn = await step.map(
			"draw-page",
			input.prompts,
			async (prompt) => {
				const { image } = await generateImage({ model: models.image, prompt });
				return assets.save(image.uint8Array);
			},
			{ concurrency: 5, settle: true },
		);
		const pages = drawn.map((result, page) =>
			result.ok ? { page, image: result.value, error: null } : { page, image: null, error: result.error.detail },
		);
		return { pages };
	},
});
// #endregion
