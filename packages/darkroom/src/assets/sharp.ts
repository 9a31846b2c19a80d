import { DarkroomError, isDarkroomError } from "../core/errors.ts";
import { createGate, type Gate } from "./gate.ts";
import { heicSample } from "./heic-sample.ts";
import { type Images, type PreparedImage, pixelLimit, sideLimit } from "./images.ts";
import { type ImageFormat, sniffImage } from "./sniff.ts";

type SharpModule = typeof import("sharp").default;
type Picture = ReturnType<SharpModule>;

/**
 * Pictures in work at a time, and none beside one of `pixelLimit`, which takes up to 400 MB while it is decoded, turned
 * and encoded. Sharp works on Node's own four threads, where files are read too: two stay free for those.
 */
const picturesAtATime = 2;

/** Pixels of the longest side of the blurred stand-in: 16 keep its data URL within 400 bytes. */
const blurSide = 16;

/** What can be given, in words for the person who gave something else. */
const accepted = "JPEG, PNG, WebP, AVIF or GIF";

/** What every build of sharp reads. */
const usualTypes = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"] as const;

/**
 * Pictures through sharp, which is loaded when the first one comes. What comes out carries no metadata: it is
 * upright, in sRGB, one frame. Pictures without an alpha channel come out as JPEG, PNG with one as PNG; WebP and
 * whatever else has one (every GIF) as WebP.
 * @throws `misconfigured`, from each method, when sharp is not installed for this platform.
 */
export function sharpImages(): Images {
	const gate = createGate(pixelLimit);
	let loaded: Promise<SharpModule> | undefined;
	let types: Promise<readonly string[]> | undefined;
	const load = () => {
		loaded ??= loadSharp();
		return loaded;
	};
	return {
		prepare: async (bytes) => prepare(await load(), gate, bytes),
		types() {
			types ??= load().then(typesOf);
			return types;
		},
		resize: async (bytes, width) => resize(await load(), gate, bytes, width),
	};
}

async function loadSharp(): Promise<SharpModule> {
	try {
		const { default: sharp } = await import("sharp");
		// Its cache remembers operations on files and would only hold memory; its threads would multiply the gate's places.
		sharp.cache(false);
		sharp.concurrency(1);
		return sharp;
	} catch (cause) {
		throw new DarkroomError("misconfigured", {
			detail: "Pictures need sharp, which cannot be loaded on this machine. Install it with: npm install sharp",
			cause,
		});
	}
}

async function typesOf(sharp: SharpModule): Promise<readonly string[]> {
	const canReadHeic = await open(sharp, heicSample)
		.toBuffer()
		.then(
			() => true,
			() => false,
		);
	return canReadHeic ? [...usualTypes, "image/heic"] : usualTypes;
}

async function prepare(sharp: SharpModule, gate: Gate, bytes: Uint8Array): Promise<PreparedImage> {
	const format = sniff(bytes);
	return decoding(format, async () => {
		const { pixels, hasAlpha } = await readHeader(sharp, bytes);
		return gate.pass(weightOf(pixels), async () => {
			const { data, info } = await decodeWhole((failOn) => {
				const upright = open(sharp, bytes, failOn).autoOrient();
				return encode(upright, format, hasAlpha).toBuffer({ resolveWithObject: true });
			});
			const { width, height } = info;
			const blur = await blurOf(sharp, data);
			return { bytes: data, contentType: `image/${info.format}`, width, height, blur };
		});
	});
}

async function resize(sharp: SharpModule, gate: Gate, bytes: Uint8Array, width: number) {
	return decoding(sniff(bytes), async () => {
		const { pixels } = await readHeader(sharp, bytes);
		return gate.pass(weightOf(pixels), async () => {
			const small = open(sharp, bytes).autoOrient().resize({ width, withoutEnlargement: true });
			return { bytes: await small.webp({ quality: 80 }).toBuffer(), contentType: "image/webp" };
		});
	});
}

function weightOf(pixels: number): number {
	return Math.max(pixels, pixelLimit / picturesAtATime);
}

function sniff(bytes: Uint8Array): ImageFormat {
	const format = sniffImage(bytes);
	if (format) return format;
	throw new DarkroomError("unsupported_image", {
		detail: `This file is not a picture that can be used. Use ${accepted}.`,
	});
}

/**
 * What a JPEG decoder only warns of, and fills with grey. Its other warnings are of small faults that many cameras write
 * (https://github.com/libjpeg-turbo/libjpeg-turbo/blob/main/src/jerror.h).
 */
const lostData = /premature end|bad Huffman code/i;

/** Nobody is to pay for half a photo: one that lost some of its data is refused. Damage that leaves valid data is not seen. */
async function decodeWhole<Result>(decode: (failOn: "warning" | "error") => Promise<Result>): Promise<Result> {
	try {
		return await decode("warning");
	} catch (warning) {
		if (lostData.test(String(warning))) throw warning;
		return decode("error");
	}
}

function open(sharp: SharpModule, bytes: Uint8Array, failOn: "warning" | "error" = "error"): Picture {
	return sharp(bytes, { limitInputPixels: pixelLimit, failOn, pages: 1 });
}

/** Reads the header alone, so that a few bytes that declare a huge picture cost nothing. */
async function readHeader(sharp: SharpModule, bytes: Uint8Array) {
	const { width, height, hasAlpha } = await sharp(bytes, {
		limitInputPixels: false,
		failOn: "error",
		pages: 1,
	}).metadata();
	if (width * height > pixelLimit || Math.max(width, height) > sideLimit) {
		throw new DarkroomError("unreadable_image", {
			detail:
				`The picture has ${width} × ${height} pixels; at most ${pixelLimit / 1_000_000} million, and ` +
				`${sideLimit} on a side, can be used. Make it smaller and try again.`,
		});
	}
	return { pixels: width * height, hasAlpha };
}

/**
 * JPEG in 4:4:4 keeps the edges of drawings and letters, which many of the pictures here have. Without optimised
 * coding it is 6 % larger and takes half the memory (measured on 50 megapixels).
 */
function encode(picture: Picture, format: ImageFormat, hasAlpha: boolean): Picture {
	if (format === "png" && hasAlpha) return picture.png();
	if (format === "webp" || hasAlpha) return picture.webp({ quality: 90 });
	return picture.jpeg({ quality: 90, chromaSubsampling: "4:4:4", optimiseCoding: false });
}

async function blurOf(sharp: SharpModule, bytes: Uint8Array): Promise<string> {
	const tiny = await sharp(bytes).resize(blurSide, blurSide, { fit: "inside" }).webp({ quality: 40 }).toBuffer();
	return `data:image/webp;base64,${tiny.toString("base64")}`;
}

/** Whatever the decoder says becomes one of two answers. Builds of sharp from npm cannot decode HEIC: HEVC has patents. */
async function decoding<Result>(format: ImageFormat, work: () => Promise<Result>): Promise<Result> {
	try {
		return await work();
	} catch (cause) {
		if (isDarkroomError(cause)) throw cause;
		if (format === "heic") {
			throw new DarkroomError("unsupported_image", {
				detail: "HEIC pictures cannot be read here. Export the picture as JPEG and try again.",
				cause,
			});
		}
		throw new DarkroomError("unreadable_image", {
			detail: `This ${format.toUpperCase()} picture is incomplete or broken. Try another copy of it.`,
			cause,
		});
	}
}
