import { nameOf, type StoryDetails } from "./details.ts";

/** The beats of a picture book, in order; a shorter story takes some of them, always the first and the last. */
const beats = [
	[
		"wakes to a morning that feels different",
		"finds a tiny light that nobody has missed yet",
		"in the doorway, surprised, in early light",
	],
	[
		"asks a friend what the light could be",
		"hears of the place where such lights come from",
		"listening closely, with a friend at the side",
	],
	["packs what is needed and sets out", "leaves the path that everybody takes", "on the way, small under a wide sky"],
	[
		"meets someone who is afraid to go on",
		"shares the last piece of bread, and the fear",
		"sitting together, sharing something warm",
	],
	[
		"comes to a river that has no bridge",
		"thinks, tries, falls in, laughs and tries again",
		"at the water, busy with an idea",
	],
	[
		"reaches the place in the deepest quiet",
		"sees that the light was only waiting to be seen",
		"face to face with something bright",
	],
	[
		"feels like turning back, for a moment",
		"takes one more step, the smallest and bravest",
		"in the half dark, one foot forward",
	],
	[
		"comes home another way",
		"tells everyone, and the light stays for the night",
		"at home, surrounded by friends, warm evening light",
	],
] as const;

function beatOf(details: StoryDetails, index: number): (typeof beats)[number] {
	const at = details.pages <= 1 ? 0 : Math.round((index / (details.pages - 1)) * (beats.length - 1));
	return beats[Math.min(beats.length - 1, Math.max(0, at))] as (typeof beats)[number];
}

/** What one page says, in two sentences. `index` counts from 0. */
export function writePage(details: StoryDetails, index: number): string {
	const [what, then] = beatOf(details, index);
	const name = nameOf(details.hero);
	return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${what}, in ${details.setting}. Then ${name} ${then}.`;
}

/** What one page's picture shows. */
export function describePicture(details: StoryDetails, index: number): string {
	const [, , picture] = beatOf(details, index);
	return `${details.hero}, ${picture}. ${details.setting}. ${details.style}, gentle colours, picture book illustration, no text.`;
}

/** The prompt that a whole illustrated story can be made from. */
export function writeMasterPrompt(details: StoryDetails): string {
	const pages = Array.from(
		{ length: details.pages },
		(_, index) =>
			`Page ${index + 1}\n  Text: ${writePage(details, index)}\n  Picture: ${describePicture(details, index)}`,
	);
	return [
		`Write and illustrate the picture book "${details.title}" for readers aged ${details.age}.`,
		`The hero is ${details.hero}. Keep the hero's face, proportions, clothes and colours the same in every picture.`,
		`The story takes place in ${details.setting}. Its heart is ${details.theme}; show it in what happens and never preach it.`,
		`Pictures: ${details.style}. One clear moment a page, the hero in the light, room at the edge for the text.`,
		"Text: two or three short sentences a page, in the present tense, good to read aloud, with one line that returns.",
		...(details.notes ? [`Keep in mind: ${details.notes}`] : []),
		`The ${details.pages} pages:`,
		...pages,
		"End softly: the last page is for falling asleep.",
	].join("\n\n");
}
