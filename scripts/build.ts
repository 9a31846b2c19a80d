/**
 * Builds what is published and what is served.
 *
 *     node scripts/run.mjs scripts/build.ts              the library and the Studio
 *     node scripts/run.mjs scripts/build.ts --library    the library alone
 *     … --if-stale                                       only what is not made from the sources as they are
 */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { root, run } from "./command.ts";
import { type BuildTarget, fingerprint, isFresh, listFiles, markFresh } from "./fingerprint.ts";

const library = join(root, "packages", "darkroom");
const studio = join(root, "apps", "studio");
const shared = ["package.json", "package-lock.json", "tsconfig.base.json", "scripts/build.ts"].map((file) =>
	join(root, file),
);
const isTest = (name: string) => /\.(test|testsuite)\.tsx?$/.test(name);

const libraryTarget: BuildTarget = {
	name: "library",
	inputs: [
		join(library, "src"),
		...["package.json", "tsconfig.json", "tsconfig.build.json"].map((f) => join(library, f)),
		...shared,
	],
	ignores: isTest,
	product: join(library, "dist", "index.js"),
	stamp: join(library, "dist", ".fingerprint"),
};

const generated = ["node_modules", ".next", ".data", "e2e", "test-results", "playwright-report", "next-env.d.ts"];
const studioTarget: BuildTarget = {
	name: "Studio",
	inputs: [studio, ...libraryTarget.inputs],
	ignores: (name) => generated.includes(name) || name.endsWith(".tsbuildinfo") || isTest(name),
	product: join(studio, ".next", "BUILD_ID"),
	stamp: join(studio, ".next", ".fingerprint"),
};

/** Built aside and then moved, so that whoever reads `dist` meanwhile finds the old one or the new one, whole. */
async function buildLibrary(): Promise<number> {
	const aside = join(library, "dist.next");
	const old = join(library, "dist.old");
	const dist = join(library, "dist");
	for (const folder of [aside, old]) rmSync(folder, { recursive: true, force: true });
	const { code } = await run("tsc", ["-p", join(library, "tsconfig.build.json"), "--outDir", aside]);
	if (code !== 0) {
		rmSync(aside, { recursive: true, force: true });
		return code;
	}
	const source = join(library, "src");
	for (const file of listFiles(source, isTest).filter((name) => name.endsWith(".sql"))) {
		const copy = join(aside, relative(source, file));
		mkdirSync(join(copy, ".."), { recursive: true });
		cpSync(file, copy);
	}
	if (existsSync(dist)) renameSync(dist, old);
	renameSync(aside, dist);
	rmSync(old, { recursive: true, force: true });
	return 0;
}

async function buildStudio(): Promise<number> {
	const { code } = await run("next", ["build", studio], {
		env: { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
	});
	return code;
}

async function build(target: BuildTarget, make: () => Promise<number>, onlyIfStale: boolean): Promise<void> {
	if (onlyIfStale && isFresh(target)) return;
	console.log(`Building the ${target.name} …`);
	const print = fingerprint(target);
	const code = await make();
	if (code !== 0) {
		console.error(`The ${target.name} could not be built; what is wrong stands above.`);
		process.exit(code);
	}
	markFresh(target, print);
}

const { values } = parseArgs({ options: { library: { type: "boolean" }, "if-stale": { type: "boolean" } } });
const onlyIfStale = values["if-stale"] ?? false;
await build(libraryTarget, buildLibrary, onlyIfStale);
if (!values.library) await build(studioTarget, buildStudio, onlyIfStale);
