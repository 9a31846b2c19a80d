/**
 * Everything that must hold besides the tests, one line each; what is wrong stands at the end.
 *
 *     node scripts/run.mjs scripts/check.ts              all
 *     node scripts/run.mjs scripts/check.ts types docs   the checks whose name begins so
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./command.ts";
import { checkLinks } from "./docs-links.ts";
import { checkSnippets } from "./docs-snippets.ts";
import { checkAppFile, checkLibraryFile, findCircles, libraryImportsOf } from "./import-rules.ts";
import { checkLockfile } from "./lockfile.ts";
import { findFaults, listApps, listSources } from "./source-files.ts";
import { checkStyle } from "./style-limits.ts";

/** Finds faults, in sentences or as a tool printed them; none means that it holds. */
interface Check {
	readonly name: string;
	run(): Promise<readonly string[]>;
}

const isScript = (file: string) => /\.(ts|tsx)$/.test(file);
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** A tool that says what is wrong by itself. */
async function tool(command: string, ...args: string[]): Promise<string[]> {
	const { code, output } = await run(command, args, { output: "collect", env: { NEXT_TELEMETRY_DISABLED: "1" } });
	return code === 0 ? [] : [output.trim() || `${command} ${args.join(" ")} ended with ${code}.`];
}

async function checkTypes(): Promise<string[]> {
	const hasRoutes = existsSync(join(root, "apps/studio/app"));
	const faults = hasRoutes ? await tool("next", "typegen", "apps/studio") : [];
	// Its packages are installed by `npm run bench:peers`, which checks its types too, and by nothing else.
	const peers = existsSync(join(root, "bench/peers/node_modules")) ? ["bench/peers"] : [];
	for (const project of ["packages/darkroom", "scripts", ...listApps(), ...peers]) {
		if (existsSync(join(root, project, "tsconfig.json")))
			faults.push(...(await tool("tsc", "--noEmit", "-p", project)));
	}
	return faults;
}

/** By publint's rules, and as an app's compiler sees them: what is built and not what it was built from. */
async function checkExports(): Promise<string[]> {
	const published = await tool("publint", "packages/darkroom", "--strict");
	return [...published, ...(await tool("tsc", "--noEmit", "-p", "docs/snippets/tsconfig.published.json"))];
}

function checkImports(): string[] {
	const library = "packages/darkroom/src/";
	const published = new Set(
		Object.keys(JSON.parse(read("packages/darkroom/package.json")).exports).map((path) => join("darkroom", path)),
	);
	const ownPath = (file: string) => file.slice(library.length);
	const sources = listSources(library).filter(isScript);
	const inLibrary = findFaults(sources, (file) => checkLibraryFile(ownPath(file), read(file)));
	const imports = sources.map((file) => [ownPath(file), libraryImportsOf(ownPath(file), read(file))] as const);
	const inApps = listApps().flatMap((app) =>
		findFaults(listSources(app).filter(isScript), (file) =>
			checkAppFile(app, file.slice(app.length + 1), read(file), published),
		),
	);
	return [...inLibrary, ...findCircles(new Map(imports)), ...inApps];
}

const lockfiles = ["package-lock.json", "bench/peers/package-lock.json"];
const pages = () => listSources().filter((file) => file.endsWith(".md"));

const checks: readonly Check[] = [
	{ name: "format and lint", run: () => tool("biome", "check", "--error-on-warnings", "--max-diagnostics=100", ".") },
	{ name: "types", run: checkTypes },
	{ name: "imports", run: async () => checkImports() },
	{ name: "style limits", run: async () => findFaults(listSources(), (file) => checkStyle(file, read(file))) },
	{ name: "lockfile", run: async () => findFaults(lockfiles, (file) => checkLockfile(file, read(file))) },
	{ name: "dead code", run: () => tool("knip", "--no-progress") },
	{ name: "library build", run: () => tool("node", "scripts/run.mjs", "scripts/build.ts", "--library", "--if-stale") },
	{ name: "exports", run: checkExports },
	{ name: "size budget", run: () => tool("size-limit") },
	{ name: "docs links", run: async () => findFaults(pages(), (page) => checkLinks(page, read(page))) },
	{ name: "docs snippets", run: async () => findFaults(pages(), (page) => checkSnippets(page, read(page))) },
];

const wanted = process.argv.slice(2);
const chosen = checks.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)));
const failures: string[] = [];
for (const check of chosen) {
	const startedAt = performance.now();
	const faults = await check.run();
	const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
	console.log(`${faults.length === 0 ? "ok    " : "FAILED"} ${check.name.padEnd(16)} ${seconds.padStart(5)} s`);
	if (faults.length > 0) failures.push(`── ${check.name} ──\n${faults.join("\n")}`);
}
if (chosen.length === 0) failures.push(`No check is called ${wanted.join(" or ")}.`);
for (const failure of failures) console.error(`\n${failure}`);
console.log(failures.length === 0 ? "\nAll checks passed." : `\n${failures.length} of ${chosen.length} checks failed.`);
process.exitCode = failures.length === 0 ? 0 : 1;
