import type { Dice } from "./chance.ts";
import { css, hsl, mix, type Rgb } from "./colour.ts";
import { drawHero } from "./hero.ts";

/** The picture book page that a prompt's words suggest, as SVG elements in a frame of `width` × `height`. */
export interface Frame {
	readonly width: number;
	readonly height: number;
	/** A hundredth of the shorter side: lengths are multiples of it. */
	readonly unit: number;
}

interface Palette {
	readonly skyTop: Rgb;
	readonly skyBottom: Rgb;
	readonly land: Rgb;
	readonly accent: Rgb;
	readonly isNight: boolean;
}

const isNight = /\b(night|moon|stars?|bedtime|sleep\w*|dark|space|midnight|dream\w*|owl)\b/i;
const isWinter = /\b(snow\w*|winter|ice|frozen|arctic|polar|christmas)\b/i;
const isEvening = /\b(sunset|evening|dusk|autumn|desert|fire|dragons?)\b/i;

const places = [
	[/\b(sea|ocean|beach|island|fish\w*|pirates?|boats?|ships?|lake|river|whales?|mermaids?)\b/i, drawWater],
	[/\b(castles?|kings?|queens?|princes\w*|knights?|towers?|palace)\b/i, drawCastle],
	[/\b(city|town|village|street|school|houses?|home|market|shop)\b/i, drawHouses],
	[/\b(mountains?|dragons?|caves?|volcano\w*|cliffs?|space|planets?)\b/i, drawPeaks],
	[/./, drawTrees],
] as const;

export function drawScene(words: string, dice: Dice, frame: Frame): string {
	const palette = choosePalette(words, dice);
	const drawPlace = places.find(([pattern]) => pattern.test(words))?.[1] ?? drawTrees;
	return [
		drawSky(palette, dice, frame),
		drawPlace(palette, dice, frame),
		drawGround(palette, dice, frame),
		drawHero(
			words,
			dice,
			{ x: frame.width * dice.between(0.4, 0.6), y: frame.height * 0.6, unit: frame.unit },
			palette,
		),
	].join("");
}

function choosePalette(words: string, dice: Dice): Palette {
	const hue = dice.between(0, 360);
	const accent = hsl(hue, 0.72, 0.6);
	if (isNight.test(words)) {
		const skyHue = dice.between(225, 275);
		return {
			skyTop: hsl(skyHue, 0.5, 0.16),
			skyBottom: hsl(skyHue + 30, 0.45, 0.42),
			land: hsl(skyHue - 40, 0.3, 0.26),
			accent,
			isNight: true,
		};
	}
	if (isWinter.test(words)) {
		return {
			skyTop: hsl(205, 0.5, 0.72),
			skyBottom: hsl(215, 0.6, 0.93),
			land: hsl(210, 0.35, 0.9),
			accent,
			isNight: false,
		};
	}
	if (isEvening.test(words)) {
		return {
			skyTop: hsl(dice.between(250, 300), 0.4, 0.5),
			skyBottom: hsl(28, 0.9, 0.74),
			land: hsl(dice.between(15, 40), 0.4, 0.42),
			accent,
			isNight: false,
		};
	}
	return {
		skyTop: hsl(dice.between(185, 215), 0.65, 0.7),
		skyBottom: hsl(dice.between(30, 60), 0.8, 0.91),
		land: hsl(dice.between(80, 150), 0.42, 0.55),
		accent,
		isNight: false,
	};
}

function drawSky(palette: Palette, dice: Dice, { width, height, unit }: Frame): string {
	const sunX = width * dice.between(0.12, 0.88);
	const sunY = height * dice.between(0.12, 0.24);
	const light = palette.isNight ? "#fff6d8" : "#fff3b8";
	const stars = Array.from({ length: palette.isNight ? 60 : 0 }, () => {
		const [x, y, r] = [dice.between(0, width), dice.between(0, height * 0.6), dice.between(0.12, 0.45) * unit];
		return `<circle cx="${fix(x)}" cy="${fix(y)}" r="${fix(r)}" fill="#fff" opacity="${fix(dice.between(0.4, 1))}"/>`;
	});
	const clouds = Array.from({ length: palette.isNight ? 2 : 4 }, () => {
		const [x, y, s] = [dice.between(0, width), dice.between(height * 0.06, height * 0.42), dice.between(3, 6) * unit];
		const puffs = [
			[-1.3, 0.3, 0.8],
			[-0.4, -0.2, 1.1],
			[0.7, 0, 0.95],
			[1.6, 0.4, 0.6],
		] as const;
		const circles = puffs.map(
			([dx, dy, r]) => `<circle cx="${fix(x + dx * s)}" cy="${fix(y + dy * s)}" r="${fix(r * s)}"/>`,
		);
		return `<g fill="#fff" opacity="${palette.isNight ? 0.1 : 0.62}">${circles.join("")}</g>`;
	});
	return (
		`<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(palette.skyTop)}"/>` +
		`<stop offset="1" stop-color="${css(palette.skyBottom)}"/></linearGradient>` +
		`<radialGradient id="glow"><stop offset="0" stop-color="${light}" stop-opacity=".75"/><stop offset="1" stop-color="${light}" stop-opacity="0"/></radialGradient></defs>` +
		`<rect width="${width}" height="${height}" fill="url(#sky)"/>${stars.join("")}` +
		`<circle cx="${fix(sunX)}" cy="${fix(sunY)}" r="${fix(26 * unit)}" fill="url(#glow)"/>` +
		`<circle cx="${fix(sunX)}" cy="${fix(sunY)}" r="${fix(7 * unit)}" fill="${light}"/>${clouds.join("")}`
	);
}

function drawGround(palette: Palette, dice: Dice, frame: Frame): string {
	const { width, height, unit } = frame;
	const hill = (level: number, colour: Rgb) => {
		const [a, b] = [dice.between(-8, 8) * unit, dice.between(-8, 8) * unit];
		const y = height * level;
		return `<path d="M0 ${fix(y + a)} C${fix(width * 0.3)} ${fix(y + b - 6 * unit)} ${fix(width * 0.65)} ${fix(y - a + 6 * unit)} ${width} ${fix(y + b)} V${height} H0Z" fill="${css(colour)}"/>`;
	};
	const near = mix(palette.land, [20, 30, 40], 0.12);
	const flowers = Array.from({ length: 26 }, () => {
		const [x, y, r] = [dice.between(0, width), dice.between(height * 0.86, height), dice.between(0.5, 1.1) * unit];
		const colour = dice.pick([palette.accent, mix(palette.accent, [255, 255, 255], 0.5), [255, 244, 214] as Rgb]);
		return `<circle cx="${fix(x)}" cy="${fix(y)}" r="${fix(r)}" fill="${css(colour)}"/>`;
	});
	return hill(0.72, mix(palette.land, palette.skyBottom, 0.25)) + hill(0.8, near) + flowers.join("");
}

function drawTrees(palette: Palette, dice: Dice, { width, height, unit }: Frame): string {
	const trees = Array.from({ length: 11 }, (_, index) => {
		const x = (width * (index + dice.between(0.1, 0.9))) / 11;
		const base = height * dice.between(0.7, 0.78);
		const tall = dice.between(20, 36) * unit;
		const leaf = css(
			mix(palette.land, dice.pick([[24, 70, 60], [60, 110, 60], palette.skyTop] as const), dice.between(0.2, 0.55)),
		);
		const trunk = `<rect x="${fix(x - 0.9 * unit)}" y="${fix(base - tall * 0.4)}" width="${fix(1.8 * unit)}" height="${fix(tall * 0.45)}" fill="${css(mix(palette.land, [70, 45, 30], 0.7))}"/>`;
		const crown =
			index % 2
				? `<ellipse cx="${fix(x)}" cy="${fix(base - tall * 0.62)}" rx="${fix(tall * 0.26)}" ry="${fix(tall * 0.36)}" fill="${leaf}"/>`
				: `<path d="M${fix(x)} ${fix(base - tall)} L${fix(x + tall * 0.26)} ${fix(base - tall * 0.18)} H${fix(x - tall * 0.26)}Z" fill="${leaf}" stroke="${leaf}" stroke-width="${fix(2 * unit)}" stroke-linejoin="round"/>`;
		return trunk + crown;
	});
	return trees.join("");
}

function drawPeaks(palette: Palette, dice: Dice, { width, height, unit }: Frame): string {
	return [0.15, 0.42, 0.68, 0.92]
		.map((at) => {
			const [x, top, half] = [width * at, height * dice.between(0.26, 0.46), dice.between(22, 34) * unit];
			const base = height * 0.8;
			const colour = mix(palette.land, palette.skyTop, dice.between(0.35, 0.6));
			const slope = half / (base - top);
			const snow = (base - top) * 0.24;
			return (
				`<path d="M${fix(x - half)} ${fix(base)} L${fix(x)} ${fix(top)} L${fix(x + half)} ${fix(base)}Z" fill="${css(colour)}"/>` +
				`<path d="M${fix(x)} ${fix(top)} l${fix(slope * snow)} ${fix(snow)} l${fix(-slope * snow * 0.6)} ${fix(-snow * 0.25)} l${fix(-slope * snow * 0.5)} ${fix(snow * 0.3)} l${fix(-slope * snow * 0.9)} ${fix(-snow * 0.05)}Z" fill="#fff" opacity=".85"/>`
			);
		})
		.join("");
}

function drawWater(palette: Palette, dice: Dice, { width, height, unit }: Frame): string {
	const sea = mix(hsl(200, 0.6, palette.isNight ? 0.24 : 0.5), palette.skyTop, 0.2);
	const level = height * 0.56;
	const glints = Array.from({ length: 26 }, () => {
		const [x, y, w] = [
			dice.between(0, width),
			dice.between(level + 2 * unit, height * 0.78),
			dice.between(4, 11) * unit,
		];
		return `<path d="M${fix(x)} ${fix(y)} q${fix(w / 2)} ${fix(-unit)} ${fix(w)} 0" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="${fix(0.5 * unit)}" stroke-linecap="round"/>`;
	});
	const x = width * dice.pick([0.2, 0.78]);
	const boat =
		`<path d="M${fix(x - 9 * unit)} ${fix(level + unit)} h${fix(18 * unit)} l${fix(-3.5 * unit)} ${fix(5 * unit)} h${fix(-11 * unit)}Z" fill="${css(mix(palette.accent, [60, 30, 20], 0.35))}"/>` +
		`<path d="M${fix(x)} ${fix(level)} v${fix(-17 * unit)} l${fix(8 * unit)} ${fix(13 * unit)}Z M${fix(x - unit)} ${fix(level)} v${fix(-14 * unit)} l${fix(-6 * unit)} ${fix(11 * unit)}Z" fill="#fff8ea"/>`;
	return `<rect y="${fix(level)}" width="${width}" height="${fix(height - level)}" fill="${css(sea)}"/>${boat}${glints.join("")}`;
}

function drawHouses(palette: Palette, dice: Dice, { width, height, unit }: Frame): string {
	return Array.from({ length: 6 }, (_, index) => {
		const [w, h] = [dice.between(12, 17) * unit, dice.between(18, 30) * unit];
		const [x, base] = [(width * (index + 0.5)) / 6 - w / 2, height * 0.77];
		const wall = mix(hsl(dice.between(0, 360), 0.45, 0.72), palette.skyTop, palette.isNight ? 0.6 : 0.15);
		const windows = [0.22, 0.6].map(
			(at) =>
				`<rect x="${fix(x + w * at)}" y="${fix(base - h * 0.72)}" width="${fix(w * 0.2)}" height="${fix(w * 0.24)}" rx="${fix(0.6 * unit)}" fill="${palette.isNight ? "#ffe08a" : "#fff7e2"}"/>`,
		);
		return (
			`<rect x="${fix(x)}" y="${fix(base - h)}" width="${fix(w)}" height="${fix(h + 6 * unit)}" fill="${css(wall)}"/>` +
			`<path d="M${fix(x - 1.5 * unit)} ${fix(base - h)} L${fix(x + w / 2)} ${fix(base - h - 10 * unit)} L${fix(x + w + 1.5 * unit)} ${fix(base - h)}Z" fill="${css(mix(palette.accent, [90, 40, 40], 0.3))}"/>${windows.join("")}`
		);
	}).join("");
}

function drawCastle(palette: Palette, dice: Dice, { width, height, unit }: Frame): string {
	const [x, base] = [width * dice.pick([0.24, 0.74]), height * 0.76];
	const stone = mix([214, 206, 220], palette.skyTop, palette.isNight ? 0.55 : 0.18);
	const tower = (dx: number, w: number, h: number) =>
		`<rect x="${fix(x + (dx - w / 2) * unit)}" y="${fix(base - h * unit)}" width="${fix(w * unit)}" height="${fix((h + 6) * unit)}" fill="${css(stone)}"/>` +
		`<path d="M${fix(x + (dx - w / 2 - 1) * unit)} ${fix(base - h * unit)} L${fix(x + dx * unit)} ${fix(base - (h + 12) * unit)} L${fix(x + (dx + w / 2 + 1) * unit)} ${fix(base - h * unit)}Z" fill="${css(palette.accent)}"/>` +
		`<rect x="${fix(x + (dx - 1) * unit)}" y="${fix(base - (h - 4) * unit)}" width="${fix(2 * unit)}" height="${fix(4 * unit)}" rx="${fix(unit)}" fill="${palette.isNight ? "#ffe08a" : "#6b6480"}"/>`;
	const wall = `<rect x="${fix(x - 15 * unit)}" y="${fix(base - 16 * unit)}" width="${fix(30 * unit)}" height="${fix(22 * unit)}" fill="${css(mix(stone, [90, 80, 110], 0.15))}"/>`;
	return (
		drawTrees(palette, dice, { width, height, unit: unit * 0.6 }) +
		tower(0, 11, 36) +
		wall +
		tower(-15, 9, 26) +
		tower(15, 9, 30)
	);
}

/** SVG numbers: a tenth of a pixel is enough, and keeps the text short. */
function fix(value: number): string {
	return value.toFixed(1);
}
