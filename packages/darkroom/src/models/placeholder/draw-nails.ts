import { createDice, hashText } from "./chance.ts";
import { css, hsl, mix, type Rgb } from "./colour.ts";
import { drawPainting } from "./draw-painting.ts";
import { loadSharp } from "./load-sharp.ts";
import { lookAt } from "./look.ts";

/** Degrees round the middle of the flower. */
const petals = [0, 72, 144, 216, 288] as const;
const patterns = ["plain", "dots", "tips", "stripes", "flower"] as const;

/**
 * Hand photo to nail design: the photo, painted, with the five nails of the design laid out before it. Colours
 * and shape named in the prompt are used; the rest is drawn from its words and from the first photo's colours.
 */
export async function drawNails(
	photo: Uint8Array,
	prompt: string,
	size: { readonly width: number; readonly height: number },
	variation: number,
): Promise<Uint8Array> {
	const sharp = await loadSharp();
	const { colours } = await lookAt(photo);
	const { width, height } = size;
	const dice = createDice(hashText(`${prompt}#${variation}`));
	const named = [...prompt.matchAll(/#([0-9a-f]{6})\b/gi)].map(([, hex]) => toRgb(hex as string));
	for (const [name, colour] of Object.entries(colourWords)) if (prompt.toLowerCase().includes(name)) named.push(colour);
	const base = named[variation % Math.max(1, named.length)] ?? hsl(dice.between(0, 360), 0.6, 0.62);
	const second = named[(variation + 1) % Math.max(1, named.length)] ?? mix(base, colours[0] as Rgb, 0.4);
	const accent: Rgb = named.length > 2 ? (named[(variation + 2) % named.length] as Rgb) : [255, 246, 236];

	const unit = Math.min(width / 100, height / 100);
	const step = width / 6;
	const nails = patterns.map((_, index) => {
		const pattern = patterns[(index + Math.floor(dice.between(0, 5))) % patterns.length] as (typeof patterns)[number];
		const lift = [2, 7, 9, 7, 1][index] as number;
		const place = { x: step * (index + 1), y: height - (33 + lift) * unit, unit };
		return drawNail(`nail${index}`, place, nailShape(prompt), pattern, index % 2 ? second : base, accent);
	});
	const tray =
		`<defs><linearGradient id="tray" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fffaf6" stop-opacity="0"/><stop offset=".35" stop-color="#fffaf6" stop-opacity=".82"/><stop offset="1" stop-color="#fffaf6"/></linearGradient></defs>` +
		`<rect y="${height - 56 * unit}" width="${width}" height="${56 * unit}" fill="url(#tray)"/>`;
	const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${tray}${nails.join("")}</svg>`;
	return sharp(await drawPainting(photo, size, 0))
		.composite([{ input: Buffer.from(overlay) }])
		.jpeg({ quality: 88 })
		.toBuffer();
}

const colourWords: Readonly<Record<string, Rgb>> = {
	red: [204, 38, 52],
	pink: [240, 140, 172],
	coral: [250, 124, 100],
	nude: [226, 186, 164],
	gold: [214, 172, 84],
	silver: [196, 200, 208],
	blue: [72, 118, 200],
	navy: [32, 44, 92],
	teal: [40, 148, 148],
	green: [86, 150, 100],
	lilac: [190, 160, 220],
	purple: [124, 80, 168],
	black: [34, 30, 36],
	white: [250, 248, 246],
	chrome: [180, 188, 204],
};

function toRgb(hex: string): Rgb {
	return [
		Number.parseInt(hex.slice(0, 2), 16),
		Number.parseInt(hex.slice(2, 4), 16),
		Number.parseInt(hex.slice(4, 6), 16),
	];
}

/** Outlines in a box of 12 × 26, the tip at the top. */
function nailShape(prompt: string): string {
	const text = prompt.toLowerCase();
	if (text.includes("stiletto")) return "M6 0 Q11.5 12 12 24 Q6 28 0 24 Q.5 12 6 0Z";
	if (text.includes("coffin") || text.includes("ballerina")) return "M3.4 0 H8.6 L12 15 V24 Q6 28 0 24 V15Z";
	if (text.includes("square")) return "M1 1 Q1 0 2 0 H10 Q11 0 11 1 L12 24 Q6 28 0 24Z";
	if (text.includes("round")) return "M0 10 C0 4 3 2 6 2 S12 4 12 10 V24 Q6 28 0 24Z";
	return "M0 14 C0 5 3.6 0 6 0 S12 5 12 14 V24 Q6 28 0 24Z";
}

function drawNail(
	id: string,
	place: { readonly x: number; readonly y: number; readonly unit: number },
	shape: string,
	pattern: (typeof patterns)[number],
	colour: Rgb,
	accent: Rgb,
): string {
	const ink = css(accent);
	const decoration = {
		plain: "",
		dots: [
			[3, 8],
			[8, 6],
			[6, 13],
			[3, 18],
			[9, 17],
		]
			.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="1.1" fill="${ink}"/>`)
			.join(""),
		tips: `<path d="M0 0 H12 V8 Q6 12 0 8Z" fill="${ink}"/>`,
		stripes: `<path d="M-2 12 L14 4 M-2 18 L14 10 M-2 24 L14 16" stroke="${ink}" stroke-width="1.1"/>`,
		flower: [
			...petals.map(
				(turn) => `<ellipse cx="6" cy="9.6" rx="1.5" ry="2.4" transform="rotate(${turn} 6 12)" fill="${ink}"/>`,
			),
			`<circle cx="6" cy="12" r="1.2" fill="#f2c14e"/>`,
		].join(""),
	}[pattern];
	const scale = place.unit * 1.15;
	return (
		`<g transform="translate(${(place.x - 6 * scale).toFixed(1)} ${place.y.toFixed(1)}) scale(${scale.toFixed(3)})">` +
		`<defs><clipPath id="${id}"><path d="${shape}"/></clipPath></defs>` +
		`<path d="${shape}" transform="translate(.5 .7)" fill="#40202c" opacity=".22"/><path d="${shape}" fill="${css(colour)}"/>` +
		`<g clip-path="url(#${id})">${decoration}<path d="M2.4 3 Q1.4 12 2.2 21" stroke="#fff" stroke-opacity=".55" stroke-width="1.5" stroke-linecap="round" fill="none"/></g></g>`
	);
}
