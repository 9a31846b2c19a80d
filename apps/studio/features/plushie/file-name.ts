const wordsAtMost = 7;

/** Words that say nothing about what is shown. */
const empty = new Set(["a", "an", "the", "this", "it", "is", "shows", "of"]);

/** What a download is called, without its ending: `plushie-of-brown-dog-with-red-collar`, or `plushie`. */
export function fileNameOf(description: string): string {
	const words = description
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.toLowerCase()
		.split(/[^a-z0-9]+/)
		.filter((word) => word !== "" && word.length <= 20);
	while (empty.has(words[0] ?? "")) words.shift();
	return words.length === 0 ? "plushie" : `plushie-of-${words.slice(0, wordsAtMost).join("-")}`;
}
