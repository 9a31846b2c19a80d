import { generateImage, generateText, Output } from "ai";
import { assetRef, type BoundModels, defineJob, exponential, type JobAssets } from "darkroom";
import { z } from "zod";
import { plushieShares } from "./plushie-shares.ts";

const subjects = ["person", "pet", "other"] as const;

const analysis = z.object({
	subject: z.enum(subjects).describe("what the photo is mainly of"),
	description: z.string().max(600).describe("who or what it is, in one or two sentences"),
	features: z
		.array(z.string().max(120))
		.max(8)
		.describe("what must be recognisable: colours, marks, clothes, hair or fur"),
});
type Analysis = z.infer<typeof analysis>;

/**
 * A photo in, a plushie out. The drawing is stored by the step that made it, because bytes never enter a step's
 * result: what `generate-plushie` returns is the drawing's reference, and a crash right after it does not buy
 * the picture again. `upload-generated` then reads it back whole, keeps it, and shows it.
 */
export const generatePlushie = defineJob({
	kind: "generate-plushie",
	// Strict: a misspelt field would otherwise be dropped without a word, and the job paid for.
	input: z.strictObject({
		photo: assetRef,
		notes: z.string().trim().max(500, "Notes may have at most 500 characters").optional(),
	}),
	output: analysis.extend({ plushie: assetRef }),
	credits: { price: 1, charge: "on-success" },
	limits: { activePerOwner: 5 },
	assets: ({ photo }) => [photo],
	retry: { attempts: 3, backoff: exponential("1s") },
	timeout: "5m",

	async run({ input, step, models, assets, progress }) {
		progress(plushieShares["upload-original"], "Putting the photo into the tray");
		const photo = await step.run("upload-original", () => assets.keep(input.photo));

		progress(plushieShares["analyze-image"], "Looking closely at the photo");
		const seen = await step.run("analyze-image", ({ signal }) =>
			analyze(models, assets, { photo, signal, notes: input.notes }),
		);

		progress(plushieShares["generate-plushie"], "Sewing the plushie");
		const drawn = await step.run("generate-plushie", ({ signal }) =>
			draw(models, assets, { photo, seen, signal, notes: input.notes }),
		);

		progress(plushieShares["upload-generated"], "Fixing the picture");
		const plushie = await step.run("upload-generated", async ({ preview }) => {
			await assets.read(drawn);
			preview(drawn);
			return assets.keep(drawn);
		});

		progress(plushieShares.finalize, "Hanging it up to dry");
		return step.run("finalize", () => ({ plushie, ...seen }));
	},

	/**
	 * The photo always stays: it is the maker's own, and a retry needs no second upload. A drawing that a retry
	 * would go on from stays too, because completed steps are not bought twice; deleting the job removes it.
	 */
	async onFailure({ results, assets, error }) {
		if (error.retryable) return;
		const drawn = results["generate-plushie"];
		if (typeof drawn === "string") await assets.delete(drawn);
	},
});

interface Look {
	readonly photo: string;
	readonly notes: string | undefined;
	readonly signal: AbortSignal;
}

async function analyze(models: BoundModels, assets: JobAssets, { photo, notes, signal }: Look): Promise<Analysis> {
	const { bytes, contentType } = await assets.read(photo);
	const { output } = await generateText({
		model: models.vision,
		output: Output.object({ schema: analysis }),
		messages: [
			{
				role: "user",
				content: [
					{ type: "text", text: lookClosely(notes) },
					{ type: "file", data: bytes, mediaType: contentType },
				],
			},
		],
		maxRetries: 0,
		abortSignal: signal,
	});
	return output;
}

async function draw(models: BoundModels, assets: JobAssets, look: Look & { readonly seen: Analysis }): Promise<string> {
	const { bytes } = await assets.read(look.photo);
	const { image } = await generateImage({
		model: models.image,
		prompt: { text: plushiePrompt(look.seen, look.notes), images: [bytes] },
		maxRetries: 0,
		abortSignal: look.signal,
	});
	return assets.save(image.uint8Array);
}

function lookClosely(notes: string | undefined): string {
	const ask =
		"This photo will be the model for a plush toy. Say whether it shows a person, a pet or something else, describe it, and list the features by which its family would recognise it.";
	return notes ? `${ask}\nThe maker's notes: ${notes}` : ask;
}

function plushiePrompt(seen: Analysis, notes: string | undefined): string {
	const lines = [
		"A handmade plush toy of the subject of the reference photo: soft short-pile fabric, visible stitching, embroidered details, round friendly proportions, sitting upright on a plain light background, studio light.",
		`The subject, ${seen.subject === "other" ? "an object or scene" : `a ${seen.subject}`}: ${seen.description}`,
	];
	if (seen.features.length > 0) lines.push(`It must be recognised by: ${seen.features.join("; ")}.`);
	if (notes) lines.push(`The maker's notes: ${notes}`);
	return lines.join("\n");
}
