import { createDice } from "./chance.ts";
import { loadSharp } from "./load-sharp.ts";

const tileSide = 256;

/**
 * A grey PNG tile of short soft fibres round middle grey; laid over a picture with `soft-light` it turns it into
 * cloth. Made of our own chance, because sharp's noise differs from call to call.
 */
export async function weaveFabric(seed: number): Promise<Buffer> {
	const sharp = await loadSharp();
	const dice = createDice(seed);
	const noise = Buffer.alloc(tileSide * tileSide);
	for (let i = 0; i < noise.length; i++) noise[i] = dice.next() * 255;
	const fibres = [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 1, 3, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0];
	return sharp(noise, { raw: { width: tileSide, height: tileSide, channels: 1 } })
		.convolve({ width: 5, height: 5, kernel: fibres, scale: 11 })
		.linear(1.5, -64)
		.toColourspace("srgb")
		.png()
		.toBuffer();
}
