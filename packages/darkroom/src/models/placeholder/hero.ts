import type { Dice } from "./chance.ts";
import { css, hsl, mix, type Rgb } from "./colour.ts";

type Ears = "long" | "pointed" | "round" | "floppy" | "horns" | "tuft" | "antenna" | "hair";

const heroes: readonly (readonly [RegExp, Ears, Rgb])[] = [
	[/\b(rabbits?|bunn\w+|hares?)\b/i, "long", [236, 222, 214]],
	[/\bfox\w*\b/i, "pointed", [232, 128, 62]],
	[/\b(cats?|kitten\w*|tiger\w*|wol(f|ves))\b/i, "pointed", [190, 170, 160]],
	[/\b(dogs?|pupp\w+|elephants?)\b/i, "floppy", [206, 160, 112]],
	[/\b(bears?|teddy|pandas?|mouse|mice|lions?|hedgehog\w*)\b/i, "round", [176, 122, 82]],
	[/\b(dragon\w*|dinosaur\w*|unicorn\w*|monster\w*)\b/i, "horns", [122, 190, 130]],
	[/\b(bird\w*|owl\w*|duck\w*|chick\w*|penguin\w*|parrot\w*)\b/i, "tuft", [246, 204, 92]],
	[/\b(robots?|alien\w*|astronaut\w*)\b/i, "antenna", [172, 190, 206]],
	[/\b(girls?|boys?|child\w*|kids?|princess\w*|prince|sister|brother|man|woman)\b/i, "hair", [240, 200, 168]],
];

/** The little one that the story is about, standing at x, y. */
export function drawHero(
	words: string,
	dice: Dice,
	place: { readonly x: number; readonly y: number; readonly unit: number },
	palette: { readonly accent: Rgb },
): string {
	const [, ears, fur] = heroes.find(([pattern]) => pattern.test(words)) ?? [
		null,
		dice.pick(["long", "round", "pointed", "tuft"] as const),
		hsl(dice.between(0, 360), 0.4, 0.72),
	];
	const shade = css(mix(fur, [60, 40, 50], 0.22));
	const dark = "#3a2f3f";
	return (
		`<g transform="translate(${place.x.toFixed(1)} ${place.y.toFixed(1)}) scale(${(place.unit * 1.05).toFixed(3)})">` +
		`<ellipse cx="0" cy="20" rx="13" ry="2.6" fill="#000" opacity=".18"/>` +
		`<ellipse cx="-5" cy="18.5" rx="4" ry="2.4" fill="${shade}"/><ellipse cx="5" cy="18.5" rx="4" ry="2.4" fill="${shade}"/>` +
		`<path d="M-9 17 C-11 4 -6 0 0 0 S11 4 9 17 C6 20 -6 20 -9 17Z" fill="${css(fur)}"/>` +
		`<ellipse cx="0" cy="12" rx="5.2" ry="6" fill="#fff" opacity=".4"/>` +
		`<path d="M-8 7 q-6 3 -5 8" stroke="${shade}" stroke-width="3.4" stroke-linecap="round" fill="none"/>` +
		`<path d="M8 7 q6 -1 8 -7" stroke="${shade}" stroke-width="3.4" stroke-linecap="round" fill="none"/>` +
		drawEars(ears, fur, shade) +
		`<circle cx="0" cy="-9" r="11.5" fill="${css(fur)}"/>` +
		(ears === "hair"
			? `<path d="M-11.6 -9 C-12 -23 12 -23 11.6 -9 C8 -15 2 -16 -2 -15.5 C-7 -15 -10 -12 -11.6 -9Z" fill="${dice.pick(["#5a3826", "#2e2430", "#c98b3c", "#8c4a2f"])}"/>`
			: "") +
		`<circle cx="-4.2" cy="-8.5" r="1.5" fill="${dark}"/><circle cx="4.2" cy="-8.5" r="1.5" fill="${dark}"/>` +
		`<circle cx="-3.7" cy="-9" r=".5" fill="#fff"/><circle cx="4.7" cy="-9" r=".5" fill="#fff"/>` +
		`<circle cx="-7" cy="-4.8" r="2" fill="#f58b8b" opacity=".55"/><circle cx="7" cy="-4.8" r="2" fill="#f58b8b" opacity=".55"/>` +
		(ears === "tuft"
			? `<path d="M-2.2 -6 h4.4 l-2.2 3.4Z" fill="#ef8f33"/>`
			: `<ellipse cx="0" cy="-5.8" rx="1.3" ry=".9" fill="${dark}"/><path d="M-2.4 -3.6 q2.4 2.4 4.8 0" stroke="${dark}" stroke-width=".8" stroke-linecap="round" fill="none"/>`) +
		`<path d="M-8.6 1 q8.6 4.6 17.2 0 l.4 3.2 q-9 4.4 -18 0Z M5 4 l4.6 8 l-4.4 1.2 l-3 -8.2Z" fill="${css(palette.accent)}"/></g>`
	);
}

function drawEars(ears: Ears, fur: Rgb, shade: string): string {
	const [colour, inner] = [css(fur), css(mix(fur, [255, 170, 170], 0.5))];
	const both = (shape: string) => `${shape}<g transform="scale(-1 1)">${shape}</g>`;
	switch (ears) {
		case "long":
			return both(
				`<g transform="rotate(10 5 -18)"><ellipse cx="5" cy="-25" rx="3.4" ry="10" fill="${colour}"/><ellipse cx="5" cy="-24" rx="1.7" ry="7" fill="${inner}"/></g>`,
			);
		case "pointed":
			return both(
				`<path d="M2.5 -18.5 L11.5 -24 L11 -12Z" fill="${colour}" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/><path d="M5.6 -18 L10 -21 L9.8 -15Z" fill="${inner}"/>`,
			);
		case "round":
			return both(
				`<circle cx="8.5" cy="-18" r="4.6" fill="${colour}"/><circle cx="8.5" cy="-18" r="2.6" fill="${inner}"/>`,
			);
		case "floppy":
			return both(`<ellipse cx="11.5" cy="-8" rx="3.8" ry="8" transform="rotate(-14 11.5 -8)" fill="${shade}"/>`);
		case "horns":
			return both(`<path d="M4 -18 q1 -6 5 -8 q0 5 -1 9Z" fill="#f6e2b4"/>`);
		case "tuft":
			return `<path d="M0 -19 q-5 -4 -4 -8 q3 2 4 5 q1 -4 5 -5 q0 5 -5 8Z" fill="${shade}"/>`;
		case "antenna":
			return `<path d="M0 -20 v-6" stroke="${shade}" stroke-width="1.4"/><circle cx="0" cy="-27" r="2" fill="#ffcf5a"/>`;
		case "hair":
			return both(`<circle cx="11" cy="-8" r="2.4" fill="${colour}"/>`);
	}
}
