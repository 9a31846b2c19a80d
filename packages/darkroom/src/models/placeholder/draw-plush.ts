import { pixelLimit } from "../../assets/images.ts";
import { css, hsl, mix, type Rgb, toHsl } from "./colour.ts";
import { weaveFabric } from "./fabric.ts";
import { loadSharp, unpacked } from "./load-sharp.ts";
import { lookAt } from "./look.ts";

/** The toy is drawn on a board of this side, then fitted into the size asked for. */
const board = 1024;
/** Where the photo goes: the toy's belly, a soft square. */
const belly = { left: 202, top: 236, side: 620 } as const;

/**
 * Photo to plush toy: the subject, softened to a few felt colours, becomes the belly of a cushion toy with ears,
 * paws, seams and the photo's own colours. Throws what sharp throws for bytes that are no picture.
 * @param variation counts the pictures of one call from 0: each has its own background
 */
export async function drawPlush(
	photo: Uint8Array,
	size: { readonly width: number; readonly height: number },
	variation: number,
): Promise<Uint8Array> {
	const sharp = await loadSharp();
	const { colours } = await lookAt(photo);
	const cloth = clothColour(colours);
	const fabric = await weaveFabric(variation + 1);

	const felt = await feltPhoto(photo);
	const bellyMask = svg(belly.side, `<path d="${softSquare(belly.side)}" fill="#fff"/>`);
	const front = await sharp(felt)
		.composite([{ input: bellyMask, blend: "dest-in" }])
		.png(unpacked)
		.toBuffer();
	const toy = await sharp(svg(board, limbs(cloth)))
		.composite([
			{ input: front, left: belly.left, top: belly.top },
			{ input: svg(board, shading(cloth)) },
			{ input: fabric, tile: true, blend: "soft-light" },
			{ input: svg(board, limbs([255, 255, 255]) + bellyShape("#fff")), blend: "dest-in" },
		])
		.png(unpacked)
		.toBuffer();

	const [hue] = toHsl(cloth);
	const wall = hsl(hue + 150 + variation * 47, 0.4, 0.87);
	const scene = await sharp(svg(board, background(wall)))
		.composite([{ input: toy }])
		.png(unpacked)
		.toBuffer();
	return sharp(scene)
		.resize(size.width, size.height, { fit: "contain", background: { r: wall[0], g: wall[1], b: wall[2] } })
		.flatten()
		.jpeg({ quality: 88 })
		.toBuffer();
}

/** Few flat colours with soft borders: what is left of a photo when it is cut from felt. */
async function feltPhoto(photo: Uint8Array): Promise<Buffer> {
	const sharp = await loadSharp();
	const soft = await sharp(photo, { limitInputPixels: pixelLimit })
		.autoOrient()
		.flatten({ background: "white" })
		.resize(310, 310, { fit: "cover", position: sharp.strategy.attention })
		.median(5)
		.modulate({ saturation: 1.35, brightness: 1.07 })
		.png({ palette: true, colours: 20, dither: 0, effort: 1 })
		.toBuffer();
	return sharp(soft)
		.resize(belly.side, belly.side, { kernel: "cubic" })
		.blur(1.6)
		.ensureAlpha()
		.png(unpacked)
		.toBuffer();
}

/** The photo's liveliest common colour, bright enough for a toy. */
function clothColour(colours: readonly Rgb[]): Rgb {
	const [hue, saturation, lightness] = toHsl(
		[...colours].sort((a, b) => toHsl(b)[1] - toHsl(a)[1]).find((c) => toHsl(c)[2] > 0.2 && toHsl(c)[2] < 0.9) ??
			(colours[0] as Rgb),
	);
	return hsl(hue, Math.min(0.62, Math.max(0.16, saturation)), Math.min(0.74, Math.max(0.56, lightness)));
}

function limbs(cloth: Rgb): string {
	const dark = css(mix(cloth, [40, 20, 40], cloth[0] === 255 ? 0 : 0.14));
	const both = (shape: string) => `${shape}<g transform="translate(${board} 0) scale(-1 1)">${shape}</g>`;
	return (
		both(
			`<circle cx="306" cy="250" r="128" fill="${css(cloth)}"/><circle cx="306" cy="250" r="74" fill="${css(mix(cloth, [255, 235, 230], 0.5))}"/>`,
		) +
		both(`<ellipse cx="200" cy="600" rx="86" ry="150" transform="rotate(24 200 600)" fill="${dark}"/>`) +
		both(
			`<ellipse cx="348" cy="872" rx="136" ry="88" fill="${dark}"/><ellipse cx="348" cy="884" rx="76" ry="48" fill="${css(mix(cloth, [255, 235, 230], 0.5))}"/>`,
		) +
		bellyShape(css(cloth))
	);
}

function bellyShape(fill: string): string {
	return `<path transform="translate(${belly.left - 14} ${belly.top - 14})" d="${softSquare(belly.side + 28)}" fill="${fill}"/>`;
}

/** Light from above on the left, shade at the rim, and the seam that holds it together. */
function shading(cloth: Rgb): string {
	const shape = softSquare(belly.side);
	const thread = css(mix(cloth, [255, 250, 240], 0.72));
	const at = `translate(${belly.left} ${belly.top})`;
	const seam = `translate(${belly.left + 14} ${belly.top + 14}) scale(${(belly.side - 28) / belly.side})`;
	return (
		`<defs><radialGradient id="puff" cx=".36" cy=".28" r=".78"><stop offset="0" stop-color="#fff" stop-opacity=".34"/>` +
		`<stop offset=".45" stop-color="#fff" stop-opacity="0"/><stop offset=".8" stop-color="#241028" stop-opacity=".1"/><stop offset="1" stop-color="#241028" stop-opacity=".5"/></radialGradient></defs>` +
		`<path transform="${at}" d="${shape}" fill="url(#puff)"/>` +
		`<path transform="${seam}" d="${shape}" fill="none" stroke="#241028" stroke-opacity=".25" stroke-width="9"/>` +
		`<path transform="${seam}" d="${shape}" fill="none" stroke="${thread}" stroke-width="5.5" stroke-linecap="round" stroke-dasharray="17 13"/>` +
		stitches(306, 250, 112, thread) +
		stitches(board - 306, 250, 112, thread) +
		`<g transform="translate(806 700) rotate(8)"><rect width="66" height="44" rx="7" fill="#fffaf2"/><path d="M33 34 C12 20 16 8 25 8 C31 8 33 14 33 16 C33 14 35 8 41 8 C50 8 54 20 33 34Z" fill="#e5566d"/></g>`
	);
}

function stitches(x: number, y: number, radius: number, thread: string): string {
	return `<path d="M${x - radius} ${y} A${radius} ${radius} 0 0 1 ${x + radius} ${y}" fill="none" stroke="${thread}" stroke-width="5" stroke-linecap="round" stroke-dasharray="15 13"/>`;
}

function background(wall: Rgb): string {
	return (
		`<defs><radialGradient id="wall" cx=".5" cy=".4" r=".8"><stop offset="0" stop-color="${css(mix(wall, [255, 255, 255], 0.5))}"/><stop offset="1" stop-color="${css(wall)}"/></radialGradient>` +
		`<radialGradient id="floor"><stop offset="0" stop-color="#2a1830" stop-opacity=".42"/><stop offset="1" stop-color="#2a1830" stop-opacity="0"/></radialGradient></defs>` +
		`<rect width="${board}" height="${board}" fill="url(#wall)"/><ellipse cx="512" cy="940" rx="420" ry="56" fill="url(#floor)"/>`
	);
}

/** A square with bulging sides, as a stuffed cushion has. */
function softSquare(side: number): string {
	const [near, far, mid] = [side * 0.09, side * 0.91, side / 2];
	return `M${mid} 0 C${far} 0 ${side} ${near} ${side} ${mid} S${far} ${side} ${mid} ${side} S0 ${far} 0 ${mid} S${near} 0 ${mid} 0Z`;
}

function svg(side: number, content: string): Buffer {
	return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${content}</svg>`);
}
