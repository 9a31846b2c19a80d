import { pixelLimit } from "../../assets/images.ts";
import { weaveFabric } from "./fabric.ts";
import { loadSharp, unpacked } from "./load-sharp.ts";

/**
 * Photo to painting: few colours with soft borders, drawn outlines, and a canvas under it. What an edit becomes
 * when the prompt asks for nothing special. Throws what sharp throws for bytes that are no picture.
 */
export async function drawPainting(
	photo: Uint8Array,
	size: { readonly width: number; readonly height: number },
	variation: number,
): Promise<Uint8Array> {
	const sharp = await loadSharp();
	const { width, height } = size;
	const small = await sharp(photo, { limitInputPixels: pixelLimit })
		.autoOrient()
		.flatten({ background: "white" })
		.resize(Math.ceil(width / 2), Math.ceil(height / 2), { fit: "cover", position: sharp.strategy.attention })
		.median(5)
		.toBuffer();
	const paint = await sharp(small)
		.modulate({ saturation: 1.4, brightness: 1.05, hue: variation * 24 })
		.png({ palette: true, colours: 28, dither: 0, effort: 1 })
		.toBuffer();
	const outlines = await sharp(small)
		.greyscale()
		.convolve({ width: 3, height: 3, kernel: [-1, -1, -1, -1, 8, -1, -1, -1, -1], scale: 1, offset: 0 })
		.linear(1.4, -14)
		.negate()
		.resize(width, height, { kernel: "cubic" })
		.blur(0.8)
		.toColourspace("srgb")
		.png(unpacked)
		.toBuffer();
	return sharp(paint)
		.resize(width, height, { kernel: "cubic" })
		.blur(1.2)
		.composite([
			{ input: outlines, blend: "multiply" },
			{ input: await weaveFabric(variation + 1), tile: true, blend: "soft-light" },
		])
		.jpeg({ quality: 88 })
		.toBuffer();
}
