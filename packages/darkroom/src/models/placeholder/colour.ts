/** Red, green, blue, each 0 to 255. */
export type Rgb = readonly [number, number, number];

/** @param hue degrees, any number; saturation and lightness 0 to 1 */
export function hsl(hue: number, saturation: number, lightness: number): Rgb {
	const amplitude = saturation * Math.min(lightness, 1 - lightness);
	const channel = (offset: number) => {
		const position = (((offset + hue / 30) % 12) + 12) % 12;
		return Math.round(255 * (lightness - amplitude * Math.max(-1, Math.min(position - 3, 9 - position, 1))));
	};
	return [channel(0), channel(8), channel(4)];
}

/** Hue in degrees, saturation and lightness 0 to 1. */
export function toHsl([r, g, b]: Rgb): readonly [number, number, number] {
	const [red, green, blue] = [r / 255, g / 255, b / 255];
	const max = Math.max(red, green, blue);
	const min = Math.min(red, green, blue);
	const lightness = (max + min) / 2;
	const range = max - min;
	if (range === 0) return [0, 0, lightness];
	const saturation = range / (1 - Math.abs(2 * lightness - 1));
	const hue =
		max === red ? ((green - blue) / range) % 6 : max === green ? (blue - red) / range + 2 : (red - green) / range + 4;
	return [(hue * 60 + 360) % 360, Math.min(1, saturation), lightness];
}

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
	const blend = (a: number, b: number) => Math.round(a + (b - a) * share);
	return [blend(from[0], to[0]), blend(from[1], to[1]), blend(from[2], to[2])];
}

export function css([r, g, b]: Rgb): string {
	return `rgb(${r},${g},${b})`;
}

const hueNames = [
	[15, "red"],
	[42, "orange"],
	[68, "yellow"],
	[160, "green"],
	[195, "teal"],
	[255, "blue"],
	[290, "purple"],
	[338, "pink"],
	[361, "red"],
] as const;

/** What a person would call it, in one or two plain words. */
export function nameColour(colour: Rgb): string {
	const [hue, saturation, lightness] = toHsl(colour);
	if (lightness < 0.12) return "black";
	if (lightness > 0.93) return "white";
	if (saturation < 0.12) return lightness < 0.35 ? "dark grey" : lightness > 0.72 ? "light grey" : "grey";
	if (hue >= 12 && hue < 50 && lightness < 0.42) return lightness < 0.25 ? "dark brown" : "brown";
	if (hue >= 12 && hue < 60 && saturation < 0.5 && lightness > 0.55) return lightness > 0.78 ? "cream" : "tan";
	const name = hueNames.find(([until]) => hue < until)?.[1] ?? "red";
	return lightness < 0.28 ? `dark ${name}` : lightness > 0.78 ? `pale ${name}` : name;
}
