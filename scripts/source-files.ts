import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./command.ts";
import { listFiles } from "./fingerprint.ts";

const generated = new Set([
	"node_modules",
	"dist",
	"dist.next",
	"dist.old",
	"test-results",
	"playwright-report",
	"coverage",
	"results",
]);

/** Everything in the repository that people write, as paths from the root. Needs no git. */
export function listSources(folder = "."): string[] {
	const ignores = (name: string) =>
		generated.has(name) || (name.startsWith(".") && name !== ".ci") || name === "next-env.d.ts";
	return listFiles(join(root, folder), ignores).map((file) => relative(root, file));
}

/** The library's users within the repository, which import it as anyone would. */
export function listApps(): string[] {
	const examples = existsSync(join(root, "examples")) ? readdirSync(join(root, "examples")) : [];
	return ["apps/studio", "bench", "docs/snippets", ...examples.map((name) => `examples/${name}`)];
}

/** Runs a rule over files and gathers what it finds. */
export function findFaults(files: readonly string[], check: (file: string) => readonly string[]): string[] {
	return files.flatMap((file) => check(file));
}
