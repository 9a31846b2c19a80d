import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const library = fileURLToPath(new URL("../../packages/darkroom/src/", import.meta.url));
const page = readFileSync(new URL("./logs.md", import.meta.url), "utf8");

/** The messages of all calls of a logger: the last text between quotes in each. */
function messagesOf(source: string): string[] {
	const calls = source.matchAll(
		/(?:logger(?:\[\w+\]|\.(?:debug|info|warn|error))|\.logStep|#log\.ended)\(([\s\S]*?)\);\n/g,
	);
	return [...calls].flatMap(([, given = ""]) =>
		[...given.matchAll(/"([a-z][^"]*)"/g)].map(([, text = ""]) => text).slice(-1),
	);
}

test("the page of log lines names every line that the library logs, and no other", () => {
	const files = globSync("**/*.ts", { cwd: library }).filter((file) => !/\.(test|testsuite)\.ts$/.test(file));
	const logged = new Set(files.flatMap((file) => messagesOf(readFileSync(`${library}${file}`, "utf8"))));
	// What a step logs stands before the failure, not last.
	for (const message of ["step completed", "step failed"]) logged.add(message);
	const described = new Set([...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message]) => message));
	expect([...described].sort()).toEqual([...logged].sort());
	expect(logged.size).toBeGreaterThan(20);
});
