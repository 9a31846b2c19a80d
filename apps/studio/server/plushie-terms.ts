import type { PlushieTerms } from "../features/plushie/plushie-terms";
import { generatePlushie } from "../jobs/generate-plushie";
import { getDarkroom } from "./darkroom";

/** Generations in progress at a time; null for no limit. */
export const plushieActiveLimit = generatePlushie.activePerOwner;

export async function readPlushieTerms(): Promise<PlushieTerms> {
	const darkroom = await getDarkroom();
	const { provider, model, isPlaceholder } = darkroom.models.image;
	return {
		price: generatePlushie.price({ photo: "" }),
		photo: {
			limitBytes: darkroom.uploadLimitBytes,
			minSidePixels: darkroom.uploadMinSidePixels,
			types: await darkroom.readUploadTypes(),
		},
		modelName: isPlaceholder ? "Placeholder model" : `${model} (${provider})`,
		modelNote: isPlaceholder
			? "No model is connected: you get a stylised copy of the photo."
			: "Your photo is sent to this provider.",
	};
}
