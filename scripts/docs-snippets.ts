/**
 * Code in the docs is code that compiles. Every `ts` and `tsx` block stands under a comment that names its source,
 *
 *     <!-- from docs/snippets/plushie.ts#definition -->
 *
 * and equals it: the whole file, or what stands in it between `// #region definition` and `// #endregion`.
 * `node scripts/run.mjs scripts/docs-snippets.ts` copies the sources into the pages; the check compares.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./command.ts";
import { type Fence, fencesOf } from "./markdown.ts";
import { listSources } from "./source-files.ts";

const marker = /^\s*<!-- from (\S+?)(?:#(\S+))? -->\s*$/;

/** What a block must hold, or why that cannot be known. */
type Source = { readonly text: string } | { readonly fault: string };

/** Faults of a page's blocks. `read` gives a file's content, undefined where there is none. */
export function checkSnippets(page: string, markdown: string, read = readSource): string[] {
	return fencesOf(markdown).flatMap((fence) => {
		if (!isCode(fence)) return [];
		const source = sourceOf(fence, read);
		if ("fault" in source) return [`${page}:${fence.line} ${source.fault}`];
		if (source.text === fence.content) return [];
		return [
			`${page}:${fence.line} differs from its source; copy it with: node scripts/run.mjs scripts/docs-snippets.ts`,
		];
	});
}

/** The page with every block replaced by its source. Blocks whose source is not known stay as they are. */
export function fillSnippets(markdown: string, read = readSource): string {
	const lines = markdown.split("\n");
	for (const fence of fencesOf(markdown).reverse()) {
		const source = isCode(fence) ? sourceOf(fence, read) : undefined;
		if (source && "text" in source) {
			lines.splice(fence.line, fence.length, ...source.text.split("\n"));
		}
	}
	return lines.join("\n");
}

function isCode(fence: Fence): boolean {
	return fence.language === "ts" || fence.language === "tsx";
}

function sourceOf(fence: Fence, read: (file: string) => string | undefined): Source {
	const [, file, region] = marker.exec(fence.above) ?? [];
	if (!file) return { fault: "is code without a source: put `<!-- from file#region -->` above it." };
	const content = read(file);
	if (content === undefined) return { fault: `names ${file}, which is not there.` };
	const text = region ? regionOf(content, region) : content;
	return text === undefined
		? { fault: `names ${file}#${region}, but that file has no such region.` }
		: { text: text.trimEnd() };
}

function regionOf(content: string, region: string): string | undefined {
	const lines = content.split("\n");
	const start = lines.findIndex((line) => line.trim() === `// #region ${region}`);
	const end = lines.findIndex((line, index) => index > start && line.trim() === "// #endregion");
	if (start < 0 || end < 0) return undefined;
	const body = lines.slice(start + 1, end);
	const indents = body.filter((line) => line.trim() !== "").map((line) => /^\t*/.exec(line)?.[0].length ?? 0);
	return body.map((line) => line.slice(Math.min(...indents))).join("\n");
}

function readSource(file: string): string | undefined {
	return existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	for (const page of listSources().filter((file) => file.endsWith(".md"))) {
		const before = readFileSync(join(root, page), "utf8");
		const after = fillSnippets(before);
		if (after !== before) {
			writeFileSync(join(root, page), after);
			console.log(`Copied the code into ${page}.`);
		}
	}
}
