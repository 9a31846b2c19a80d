import { describe, expect, test } from "vitest";
import { checkLinks } from "./docs-links.ts";
import { checkSnippets, fillSnippets } from "./docs-snippets.ts";
import { anchorsOf, fencesOf, linksOf } from "./markdown.ts";

const sources: Record<string, string> = {
	"docs/whole.ts": "export const one = 1;\n",
	"docs/parts.ts": "import x;\n\n// #region inner\n\tif (a) {\n\n\t\tb();\n\t}\n// #endregion\n",
};
const read = (file: string) => sources[file];
const page = (source: string, code: string) =>
	`Before.\n\n<!-- from ${source} -->\n\`\`\`ts\n${code}\n\`\`\`\n\nAfter.\n`;

describe("code in a page", () => {
	test("that equals its file is accepted", () => {
		expect(checkSnippets("p.md", page("docs/whole.ts", "export const one = 1;"), read)).toEqual([]);
	});

	test("that equals a region of its file, less its indentation, is accepted", () => {
		expect(checkSnippets("p.md", page("docs/parts.ts#inner", "if (a) {\n\n\tb();\n}"), read)).toEqual([]);
	});

	test.each([
		["differs", page("docs/whole.ts", "export const one = 2;"), /differs from its source/],
		["names no file that is there", page("docs/gone.ts", "x"), /docs\/gone\.ts, which is not there/],
		["names no region that is there", page("docs/parts.ts#outer", "x"), /no such region/],
		["names no source", "```ts\nexport const one = 1;\n```\n", /code without a source/],
		["is tsx without a source", "```tsx\n<p />\n```\n", /code without a source/],
	])("that %s is refused, with its place", (_, markdown, because) => {
		const faults = checkSnippets("p.md", markdown, read);
		expect(faults).toEqual([expect.stringMatching(because)]);
		expect(faults[0]).toMatch(/^p\.md:\d+ /);
	});

	test("of other languages needs no source", () => {
		expect(checkSnippets("p.md", "```sh\nnpm test\n```\n\n    npm start\n", read)).toEqual([]);
	});

	test("is copied from its source, wherever it stands and however it was", () => {
		const before = page("docs/parts.ts#inner", "") + page("docs/whole.ts", "old\nlines");
		const after = fillSnippets(before, read);
		expect(checkSnippets("p.md", after, read)).toEqual([]);
		expect(after.match(/Before\.|After\./g)).toHaveLength(4);
		expect(fillSnippets(after, read)).toBe(after);
	});
});

describe("links", () => {
	test("are found inline, by reference and as pictures, and not in code", () => {
		const markdown = '[a](a.md) ![b](b.png)\n\n[c]: c.md\n\n`[d](d.md)`\n\n```\n[e](e.md)\n```\n<img src="f.png">\n';
		expect(linksOf(markdown).map(({ target, line }) => [target, line])).toEqual([
			["a.md", 1],
			["b.png", 1],
			["c.md", 3],
			["f.png", 10],
		]);
	});

	test("to what is there are accepted, with and without an anchor, and so is the web", () => {
		const markdown = "# Top\n\n[a](../package.json) [b](#top) [c](https://example.com/x) [d](../README.md#darkroom)\n";
		expect(checkLinks("docs/page.md", markdown)).toEqual([]);
	});

	test.each([
		["a file that is not there", "[a](gone.md)", /gone\.md, which is not there/],
		["a file outside of the repository", "[a](../../secret.md)", /which is not there/],
		["a heading that is not in its page", "[a](#gone)", /no such heading/],
		["a heading that is not in another page", "[a](../README.md#gone)", /no such heading/],
	])("to %s are refused", (_, markdown, because) => {
		const faults = checkLinks("docs/decisions/README.md", markdown.replace("../README.md", "../../README.md"));
		expect(faults).toEqual([expect.stringMatching(because)]);
	});
});

describe("a page", () => {
	test("has the anchors that GitHub makes of its headings", () => {
		const markdown = "# What `run` is given\n## It's 7 of 8!\n## Twice\n## Twice\n```\n# not one\n```\n";
		expect([...anchorsOf(markdown)]).toEqual(["what-run-is-given", "its-7-of-8", "twice", "twice-1"]);
	});

	test("has its fences read with their language, place and the line above", () => {
		expect(fencesOf("text\n````md\n```ts\n```\n````\n")).toEqual([
			{ language: "md", content: "```ts\n```", length: 2, line: 2, above: "text" },
		]);
	});
});
