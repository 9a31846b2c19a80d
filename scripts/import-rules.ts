/**
 * Who may import whom. Each folder of the library lists what it may reach, and why no more; the most specific
 * row holds. Patterns are paths under `packages/darkroom/src`: a file, a folder's own files (`store/*`), or a
 * folder whole (`core/**`). Every folder may also reach its own files, but not those that have a row of their own.
 */
export interface ImportRule {
	readonly folder: string;
	readonly may: readonly string[];
	/** What may be reached by `import type` alone, which leaves nothing in the built file. */
	readonly mayTypes?: readonly string[];
	/** npm packages and `node:` modules. Default: all. */
	readonly packages?: readonly string[];
	readonly why: string;
}

const pure = ["core/**", "credits/**"];
const interfaces = [
	"store/store.ts",
	"assets/asset-store.ts",
	"assets/images.ts",
	"assets/upload.ts",
	"models/models.ts",
];
const browserTypes = ["core/**", "credits/**", "engine/*", "http/*"];

export const importRules: readonly ImportRule[] = [
	{ folder: "core", may: [], packages: [], why: "core is the rules themselves: pure, and the same everywhere" },
	{ folder: "credits", may: ["core/**"], packages: [], why: "credits are pure rules over core" },
	{
		folder: "store",
		may: pure,
		packages: [],
		why: "the store's interface is what engines and stores agree on, so it knows neither",
	},
	{
		folder: "store/sqlite",
		may: [...pure, "store/*"],
		why: "a store knows its interface, never an engine or another store",
	},
	{
		folder: "store/postgres",
		may: [...pure, "store/*"],
		why: "a store knows its interface, never an engine or another store",
	},
	{ folder: "assets", may: ["core/**"], why: "bytes know nothing of rows, jobs or engines" },
	{ folder: "models", may: ["core/**", "assets/images.ts"], why: "models know nothing of rows, jobs or engines" },
	{
		folder: "engine",
		may: [...pure, ...interfaces],
		why: "an engine is given its store, assets and models; it must run on any of them",
	},
	{
		folder: "engine/runtime.ts",
		may: [...pure, ...interfaces, "engine/**"],
		why: "the runtime puts the parts of an engine together; its store, assets and models are given to it",
	},
	{
		folder: "engine/embedded",
		may: [...pure, ...interfaces, "engine/*"],
		why: "an engine is given its store, assets and models, and knows no other engine",
	},
	{
		folder: "engine/inngest",
		may: [...pure, ...interfaces, "engine/*"],
		why: "an engine is given its store, assets and models, and knows no other engine",
	},
	{
		folder: "http",
		may: [...pure, ...interfaces, "assets/multipart.ts", "engine/*", "http/protocol.ts"],
		why: "the handler speaks to Darkroom as the app does, whatever store and engine are behind it",
	},
	{
		folder: "http/protocol.ts",
		may: ["core/status.ts"],
		mayTypes: pure,
		packages: [],
		why: "the wire's names are loaded by browsers",
	},
	{
		folder: "client",
		may: ["http/protocol.ts"],
		mayTypes: browserTypes,
		packages: [],
		why: "the client runs in browsers: no server code and nothing of Node may reach it",
	},
	{
		folder: "react",
		may: ["http/protocol.ts", "client/**"],
		mayTypes: browserTypes,
		packages: ["react"],
		why: "the hooks run in browsers: no server code and nothing of Node may reach them",
	},
	{
		folder: "copy",
		may: [...pure, "store/**"],
		why: "a copy reads one database and writes another, so it knows both, and nothing of what runs on them",
	},
	{
		folder: "cli",
		may: ["core/**", "copy/**"],
		why: "commands are given words and say words; the work is done elsewhere",
	},
	{ folder: "testing", may: ["**"], why: "suites and fakes may reach what they test" },
	{ folder: "", may: ["**"], why: "the composition roots put everything together" },
];

export interface Import {
	readonly specifier: string;
	readonly line: number;
	readonly typeOnly: boolean;
}

/**
 * The imports of a file as Biome formats it: static ones begin a line. `import { type A }` counts as a value, as
 * it does for the compiler, which leaves `import {}` behind.
 */
export function importsOf(source: string): Import[] {
	const statement =
		/^(?:import\s+(type\s+)?(?:[\w$*{}\s,]+?\s+from\s+)?|export\s+(type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s+from\s+)["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
	return [...source.matchAll(statement)].map((match) => ({
		specifier: match[3] ?? match[4] ?? "",
		line: source.slice(0, match.index).split("\n").length,
		typeOnly: Boolean(match[1] ?? match[2]),
	}));
}

const isTest = (file: string) => /\.(test|testsuite)\.tsx?$/.test(file);

/** Faults of one file of the library. `file` is its path under `packages/darkroom/src`, with slashes. */
export function checkLibraryFile(file: string, source: string): string[] {
	if (isTest(file)) return [];
	const rule = ruleFor(file);
	return importsOf(source).flatMap(({ specifier, line, typeOnly }) => {
		const refuse = (what: string) => [`packages/darkroom/src/${file}:${line} imports ${what}: ${rule.why}.`];
		if (!specifier.startsWith(".")) {
			return rule.packages && !rule.packages.includes(packageOf(specifier)) ? refuse(`"${specifier}"`) : [];
		}
		const target = resolvePath(file, specifier);
		if (matches("testing/**", target) && rule.folder !== "testing") {
			return [`packages/darkroom/src/${file}:${line} imports ${target}: testing is for tests alone.`];
		}
		const isOwn = rule.folder !== file && ruleFor(target).folder === rule.folder;
		const may = [...rule.may, ...(typeOnly ? (rule.mayTypes ?? []) : [])];
		if (isOwn || may.some((pattern) => matches(pattern, target))) return [];
		return refuse(
			!typeOnly && rule.mayTypes?.some((p) => matches(p, target)) ? `${target} not by \`import type\`` : target,
		);
	});
}

/** Faults of one file of an app (the Studio, the bench, an example): only what the package publishes. */
export function checkAppFile(app: string, file: string, source: string, published: ReadonlySet<string>): string[] {
	return importsOf(source).flatMap(({ specifier, line }) => {
		const at = `${app}/${file}:${line} imports "${specifier}"`;
		if (specifier.startsWith(".") && resolvePath(file, specifier).startsWith("..")) {
			return [`${at}: an app imports its own files and packages, so that it reads as one that was copied out.`];
		}
		if (packageOf(specifier) !== "darkroom") return [];
		if (!published.has(specifier)) return [`${at}, which the package does not publish.`];
		if (specifier === "darkroom/testing" && !isTest(file)) return [`${at}: testing is for tests alone.`];
		return [];
	});
}

/**
 * Files that import each other, by whatever way, types too: whoever wants to understand one has to read them all.
 * `imports` has what each file imports, as paths like its own. Each circle is told once, from its first file on.
 */
export function findCircles(imports: ReadonlyMap<string, readonly string[]>): string[] {
	const left = new Set<string>();
	const faults: string[] = [];
	const visit = (file: string, way: readonly string[]) => {
		const start = way.indexOf(file);
		if (start >= 0) faults.push(`${way.slice(start).join(" → ")} → ${file}: these import each other in a circle.`);
		if (start >= 0 || left.has(file)) return;
		for (const target of imports.get(file) ?? []) visit(target, [...way, file]);
		left.add(file);
	};
	for (const file of imports.keys()) visit(file, []);
	return faults;
}

/** The files of the library that a file of it imports, as `findCircles` takes them; none of a test. */
export function libraryImportsOf(file: string, source: string): string[] {
	if (isTest(file)) return [];
	const own = importsOf(source).filter(({ specifier }) => specifier.startsWith("."));
	return own.map(({ specifier }) => resolvePath(file, specifier));
}

function ruleFor(file: string): ImportRule {
	const rules = importRules.filter(({ folder }) => folder === "" || folder === file || file.startsWith(`${folder}/`));
	const rule = rules.sort((a, b) => b.folder.length - a.folder.length)[0] as ImportRule;
	if (rule.folder !== "" || !file.includes("/")) return rule;
	return {
		folder: file.slice(0, file.indexOf("/")),
		may: [],
		why: "this folder has no row in scripts/import-rules.ts",
	};
}

function matches(pattern: string, path: string): boolean {
	if (pattern === "**") return true;
	if (pattern.endsWith("/**")) return path.startsWith(pattern.slice(0, -2));
	if (pattern.endsWith("/*")) {
		const folder = pattern.slice(0, -1);
		return path.startsWith(folder) && !path.slice(folder.length).includes("/");
	}
	return path === pattern;
}

function packageOf(specifier: string): string {
	return specifier
		.split("/")
		.slice(0, specifier.startsWith("@") ? 2 : 1)
		.join("/");
}

/** `../` beyond the root stays visible at the front. */
function resolvePath(file: string, specifier: string): string {
	const parts = file.split("/").slice(0, -1);
	for (const part of specifier.split("/")) {
		if (part === "..") {
			if (parts.length === 0 || parts.at(-1) === "..") parts.push("..");
			else parts.pop();
		} else if (part !== ".") parts.push(part);
	}
	return parts.join("/");
}
