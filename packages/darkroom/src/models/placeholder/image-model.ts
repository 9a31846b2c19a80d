import type { ImageModelV4, ImageModelV4CallOptions, ImageModelV4File } from "@ai-sdk/provider";
import { DarkroomError } from "../../core/errors.ts";
import { withoutDirectives } from "./directives.ts";
import { drawCard } from "./draw-card.ts";
import { drawNails } from "./draw-nails.ts";
import { drawPainting } from "./draw-painting.ts";
import { drawPlush } from "./draw-plush.ts";
import { headerOf, type Obey } from "./obey.ts";

interface Size {
	readonly width: number;
	readonly height: number;
}

/** Pixels of a side when nothing is asked for, and the bounds of what can be. */
const defaultSide = 1024;
const smallestSide = 64;
const largestSide = 2048;

/**
 * An image model of the AI SDK that needs no vendor: words become a drawn page, a reference photo becomes a plush
 * toy, a nail design or a painting of itself, by what the prompt asks for. The same call gives the same picture.
 */
export function createPlaceholderImageModel(obey: Obey): ImageModelV4 {
	return {
		specificationVersion: "v4",
		provider: "placeholder",
		modelId: "placeholder-image",
		maxImagesPerCall: 10,
		supportsFileInputs: true,
		supportsMaskInputs: false,
		async doGenerate(options) {
			const prompt = options.prompt ?? "";
			const directives = await obey({
				text: prompt,
				idempotencyKey: headerOf(options.headers, "idempotency-key"),
				signal: options.abortSignal,
			});
			const images: Uint8Array[] = [];
			for (let variation = 0; variation < options.n; variation++) {
				options.abortSignal?.throwIfAborted();
				images.push(directives.garbage ? notAnImage(variation) : await draw(options, prompt, variation));
			}
			return {
				images,
				warnings: [],
				response: { timestamp: new Date(), modelId: "placeholder-image", headers: undefined },
			};
		},
	};
}

async function draw(options: ImageModelV4CallOptions, prompt: string, variation: number): Promise<Uint8Array> {
	const words = withoutDirectives(prompt);
	const size = readSize(options);
	const seeded = variation + (options.seed ?? 0) * 31;
	const photo = options.files?.[0];
	if (!photo) return drawCard(words, size, seeded);
	const bytes = readPhoto(photo);
	try {
		if (/plush|stuffed|soft toy|cuddly/i.test(words)) return await drawPlush(bytes, size, seeded);
		if (/\bnails?\b|manicure/i.test(words)) return await drawNails(bytes, words, size, seeded);
		return await drawPainting(bytes, size, seeded);
	} catch (cause) {
		if (cause instanceof Error && cause.name === "DarkroomError") throw cause;
		throw new DarkroomError("invalid_input", {
			detail: "The reference picture cannot be read. Try another one.",
			cause,
		});
	}
}

function readPhoto(file: ImageModelV4File): Uint8Array {
	if (file.type === "file") return typeof file.data === "string" ? Buffer.from(file.data, "base64") : file.data;
	throw new DarkroomError("invalid_input", {
		detail: "The placeholder model takes a reference picture as bytes, not as a link.",
	});
}

function readSize({ size, aspectRatio }: Pick<ImageModelV4CallOptions, "size" | "aspectRatio">): Size {
	const clamp = (side: number) => Math.min(largestSide, Math.max(smallestSide, Math.round(side)));
	const [width, height] = (size ?? "").split("x").map(Number);
	if (width && height) return { width: clamp(width), height: clamp(height) };
	const [across, down] = (aspectRatio ?? "1:1").split(":").map(Number);
	if (!across || !down) return { width: defaultSide, height: defaultSide };
	const scale = defaultSide / Math.max(across, down);
	return { width: clamp(across * scale), height: clamp(down * scale) };
}

/** What `[garbage]` asks for: bytes that no decoder takes for a picture. */
function notAnImage(variation: number): Uint8Array {
	return new TextEncoder().encode(`garbage ${variation}: this is not a picture`);
}
