const wordsAtMost = 7;

/** Words that say nothing about what is shown. */
const empty = new Set(["a", "an", "the", "this", "it", "is", "shows", "of"]);

/** Words that begin another phrase: what stands before one of them can stand alone. */
const joints = new Set(
	"in on at by of for from to with without under over near beside behind between against wearing holding sitting standing lying looking who that which while as".split(
		" ",
	),
);

/** Words that nothing can end with. */
const open = new Set([...joints, ...empty, "and", "or", "but", "his", "her", "its", "their"]);

/** What a download is called, without its ending: `plushie-of-brown-dog-with-red-collar`, or `plushie`. */
export function fileNameOf(description: string): string {
	const words = description
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.toLowerCase()
		.split(/[^a-z0-9]+/)
		.filter((word) => word !== "" && word.length <= 20);
	while (empty.has(words[0] ?? "")) words.shift();
	return words.length === 0 ? "plushie" : `plushie-of-${beginning(words).join("-")}`;
}

/** As many of the words as may be, up to where a phrase ends; where that is not to be seen, up to a word that can end. */
function beginning(words: readonly string[]): readonly string[] {
	if (words.length <= wordsAtMost) return words;
	const isEnd = (count: number) => joints.has(words[count] ?? "") && !open.has(words[count - 1] ?? "");
	for (let count = wordsAtMost; count > 0; count--) if (isEnd(count)) return words.slice(0, count);
	const cut = words.slice(0, wordsAtMost);
	const last = cut.findLastIndex((word) => !open.has(word));
	return last === -1 ? cut : cut.slice(0, last + 1);
}
