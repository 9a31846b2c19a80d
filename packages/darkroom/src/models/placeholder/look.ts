import { pixelLimit } from "../../assets/images.ts";
import { mix, nameColour, type Rgb, toHsl } from "./colour.ts";
import { loadSharp } from "./load-sharp.ts";

/** What can be told of a photo from its pixels alone. */
export interface Look {
	readonly subject: "person" | "pet" | "other";
	readonly orientation: "portrait" | "landscape" | "square";
	/** The commonest first, at least one. */
	readonly colours: readonly Rgb[];
	/** Their names, each once. */
	readonly colourNames: readonly string[];
	readonly isDark: boolean;
	/** Many fine edges: fur, leaves, knitwear. */
	readonly isTextured: boolean;
}

const side = 48;

/** Looks at the picture, upright. Throws what sharp throws for bytes that are no picture. */
export async function lookAt(photo: Uint8Array): Promise<Look> {
	const sharp = await loadSharp();
	const upright = await sharp(photo, { limitInputPixels: pixelLimit }).autoOrient().flatten({ background: "white" });
	const small = await upright
		.clone()
		.toColourspace("srgb")
		.resize(side, side, { fit: "fill" })
		.removeAlpha()
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { autoOrient } = await sharp(photo, { limitInputPixels: pixelLimit }).metadata();
	const { width, height } = autoOrient;
	const pixels = toPixels(small.data, small.info.channels);
	const colours = dominantColours(pixels);
	return {
		subject: guessSubject(pixels),
		orientation: width > height * 1.1 ? "landscape" : height > width * 1.1 ? "portrait" : "square",
		colours,
		colourNames: [...new Set(colours.map(nameColour))],
		isDark: average(pixels.map(brightness)) < 85,
		isTextured: roughness(pixels) > 14,
	};
}

function toPixels(data: Uint8Array, channels: number): Rgb[] {
	const pixels: Rgb[] = [];
	for (let at = 0; at + channels <= data.length; at += channels) {
		const red = data[at] as number;
		pixels.push(channels < 3 ? [red, red, red] : [red, data[at + 1] as number, data[at + 2] as number]);
	}
	return pixels;
}

/** The fullest boxes of a 4 × 4 × 4 colour cube; the middle of the picture counts four times, for the subject is there. */
function dominantColours(pixels: readonly Rgb[]): Rgb[] {
	const boxes = new Map<number, { weight: number; colour: Rgb }>();
	pixels.forEach((pixel, index) => {
		const key = (pixel[0] >> 6) * 16 + (pixel[1] >> 6) * 4 + (pixel[2] >> 6);
		const weight = isCentral(index) ? 4 : 1;
		const box = boxes.get(key) ?? { weight: 0, colour: pixel };
		box.weight += weight;
		box.colour = mix(box.colour, pixel, weight / box.weight);
		boxes.set(key, box);
	});
	return [...boxes.values()]
		.sort((a, b) => b.weight - a.weight)
		.slice(0, 5)
		.map((box) => box.colour);
}

/**
 * A guess and no more: tones of skin, from the lightest to the darkest, in the middle of the picture. Pixels
 * never say "pet", because what could be a person must not be called one; the words beside the photo may.
 */
function guessSubject(pixels: readonly Rgb[]): Look["subject"] {
	const middle = pixels.filter((_, index) => isCentral(index));
	const skin = middle.filter((pixel) => {
		const [hue, saturation, lightness] = toHsl(pixel);
		return hue >= 5 && hue <= 40 && saturation > 0.15 && lightness > 0.12 && lightness < 0.9;
	});
	return skin.length > middle.length / 4 ? "person" : "other";
}

function isCentral(index: number): boolean {
	const inner = (value: number) => value >= side / 4 && value < (side * 3) / 4;
	return inner(index % side) && inner(Math.floor(index / side));
}

/** The mean step of brightness from one pixel to the next, 0 to 255. */
function roughness(pixels: readonly Rgb[]): number {
	const steps = pixels.slice(1).map((pixel, index) => Math.abs(brightness(pixel) - brightness(pixels[index] as Rgb)));
	return average(steps);
}

function brightness([red, green, blue]: Rgb): number {
	return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function average(numbers: readonly number[]): number {
	return numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length);
}
