/** A story's details, as far as they can be read from a prompt that lists them line by line. */
export interface StoryDetails {
	readonly title: string;
	readonly hero: string;
	readonly age: string;
	readonly setting: string;
	readonly theme: string;
	readonly style: string;
	readonly notes: string;
	/** At least 1, at most 24. */
	readonly pages: number;
}

const labels = {
	title: /^(?:story )?(?:title|name)$/i,
	hero: /^(?:the )?(?:hero|heroine|main character|protagonist|character)(?: name)?$/i,
	age: /^(?:age|age ?group|reader'?s? age|audience|readers?)$/i,
	setting: /^(?:setting|place|location|where)$/i,
	theme: /^(?:theme|moral|message|lesson|topic)$/i,
	style: /^(?:style|art ?style|illustration ?style|look)$/i,
	notes: /^(?:notes?|extra|wishes|details|idea|description)$/i,
	length: /^(?:length|pages|number of pages|page ?count)$/i,
} as const;

/** Reads lines such as `Hero: Pip, a rabbit` or `- **Age group**: 3 to 5`; what is missing gets a fitting default. */
export function readDetails(text: string): StoryDetails {
	const found = findLabels(text);
	const hero = found.hero ?? heroFrom(text);
	return {
		title: found.title ?? `${capital(nameOf(hero))} and the Lantern of Small Wonders`,
		hero,
		age: found.age ?? "4 to 7",
		setting: found.setting ?? "a quiet valley between a wood and the sea",
		theme: found.theme ?? "courage that begins with one small step",
		style: found.style ?? "soft watercolour with warm light",
		notes: found.notes ?? "",
		pages: pagesFrom(found.length ?? "", text),
	};
}

/** Whether a prompt is about a story: it lists a hero or a title. */
export function listsStory(text: string): boolean {
	const { hero, title } = findLabels(text);
	return hero !== undefined || title !== undefined;
}

function findLabels(text: string): Partial<Record<keyof typeof labels, string>> {
	const found: Partial<Record<keyof typeof labels, string>> = {};
	for (const line of text.split(/\r?\n/)) {
		const match = /^[\s\-*•"]*([\p{L}' ]{2,30}?)["*]*\s*[:=]\s*["*]*(.+?)["*,]*$/u.exec(line);
		if (!match) continue;
		const [, label, value] = match as unknown as [string, string, string];
		for (const [name, pattern] of Object.entries(labels)) {
			if (pattern.test(label.trim()) && value.trim()) found[name as keyof typeof labels] ??= value.trim();
		}
	}
	return found;
}

/** `Pip` of `Pip, a brave rabbit`. */
export function nameOf(hero: string): string {
	return hero.split(/,| who | the | - /)[0]?.trim() || hero;
}

function heroFrom(text: string): string {
	const match = /\b(?:about|named|called|hero is)\s+((?:an?\s+|the\s+)?[\p{L}-]+(?:\s+[\p{L}-]+){0,3})/iu.exec(text);
	return match?.[1] ?? "a small curious rabbit";
}

function pagesFrom(length: string, text: string): number {
	const wanted = /(\d{1,2})/.exec(length)?.[1] ?? /(\d{1,2})[ -]pages?\b/i.exec(text)?.[1];
	if (wanted) return Math.min(24, Math.max(1, Number(wanted)));
	return /short/i.test(length) ? 4 : /long/i.test(length) ? 8 : 5;
}

function capital(word: string): string {
	return word.charAt(0).toUpperCase() + word.slice(1);
}
