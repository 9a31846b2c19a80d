import { basename } from "node:path";

/** Lines of the longest file, and of the README. Biome holds code to its own limits besides: see biome.json. */
const maxLines = 500;
const maxReadmeLines = 250;

const grabBag = /^(utils?|helpers?|common|types|misc)(\.(test|testsuite))?\.tsx?$/;
const code = /\.(ts|tsx|mjs|css|sql)$/;
const text = /\.(ts|tsx|mjs|css|sql|md)$/;
// In two parts, so that this file does not find itself.
const leftover = new RegExp(`\\b(TO${"DO"}|FIX${"ME"}|XX${"X"})\\b`);

/** Faults of one file against the limits of size, naming and finish that no linter rule covers. */
export function checkStyle(file: string, content: string): string[] {
	if (!text.test(file)) return [];
	const faults: string[] = [];
	const lines = content.split("\n").length - 1;
	const limit = file === "README.md" ? maxReadmeLines : maxLines;
	if (lines > limit) faults.push(`${file} has ${lines} lines; the limit is ${limit}.`);
	if (grabBag.test(basename(file))) faults.push(`${file} is named after nothing that it holds.`);
	if (code.test(file)) {
		for (const [index, line] of content.split("\n").entries()) {
			const match = leftover.exec(line);
			if (match) faults.push(`${file}:${index + 1} says ${match[1]}: do it, or say in docs what is missing.`);
		}
	}
	return faults;
}
