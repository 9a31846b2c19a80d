/** A link of a page: its target as written, and where. */
export interface Link {
	readonly target: string;
	readonly line: number;
}

export interface Fence {
	readonly language: string;
	readonly content: string;
	/** Lines between the ticks: 0 when there is nothing between them, 1 for an empty line. */
	readonly length: number;
	/** The line of the opening ticks, from 1. */
	readonly line: number;
	/** The line before it, where a snippet names its source. */
	readonly above: string;
}

/** The fenced code blocks of a page. */
export function fencesOf(markdown: string): Fence[] {
	const lines = markdown.split("\n");
	const fences: Fence[] = [];
	for (let start = 0; start < lines.length; start++) {
		const opening = /^(\s*)(`{3,})(\S*)/.exec(lines[start] ?? "");
		if (!opening) continue;
		let end = start + 1;
		while (end < lines.length && !(lines[end] ?? "").trimStart().startsWith(opening[2] as string)) end++;
		const content = lines.slice(start + 1, end).join("\n");
		fences.push({
			language: opening[3] ?? "",
			content,
			length: end - start - 1,
			line: start + 1,
			above: lines[start - 1] ?? "",
		});
		start = end;
	}
	return fences;
}

/** The same page with code taken out, line for line, so that nothing in it is taken for a link or a heading. */
function withoutCode(markdown: string): string {
	let fence: string | undefined;
	return markdown
		.split("\n")
		.map((line) => {
			const ticks = /^\s*(`{3,})/.exec(line)?.[1];
			if (fence) {
				if (ticks?.startsWith(fence)) fence = undefined;
				return "";
			}
			fence = ticks;
			return ticks ? "" : line.replaceAll(/`[^`]*`/g, (span) => " ".repeat(span.length));
		})
		.join("\n");
}

/** Links and pictures, inline and by reference. */
export function linksOf(markdown: string): Link[] {
	return withoutCode(markdown)
		.split("\n")
		.flatMap((text, index) =>
			[...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*(\S+)|<img\s[^>]*src="([^"]+)"/g)].map(
				(match) => ({
					target: (match[1] ?? match[2] ?? match[3]) as string,
					line: index + 1,
				}),
			),
		);
}

/** The anchors that a page's headings make, as GitHub makes them. */
export function anchorsOf(markdown: string): Set<string> {
	const counts = new Map<string, number>();
	const anchors = new Set<string>();
	// Code in a heading counts for its anchor, so only fences may be taken out here.
	const prose = withoutCode(markdown).split("\n");
	for (const [index, line] of markdown.split("\n").entries()) {
		if (!/^#{1,6}\s/.test(prose[index] ?? "")) continue;
		const title = line.replace(/^#+\s+/, "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
		const slug = title
			.trim()
			.toLowerCase()
			.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
			.replaceAll(/\s/g, "-");
		const seen = counts.get(slug) ?? 0;
		counts.set(slug, seen + 1);
		anchors.add(seen === 0 ? slug : `${slug}-${seen}`);
	}
	return anchors;
}
