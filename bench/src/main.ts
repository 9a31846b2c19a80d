import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Figure, format } from "./figures.ts";
import { benchFolder, describeCommit, describeMachine, measureSync } from "./machine.ts";
import { script } from "./script.ts";
import { startInngest } from "./servers/inngest.ts";
import { startPostgres } from "./servers/postgres.ts";
import { Unavailable } from "./servers/server-process.ts";

/**
 * `npm run bench`: each scenario in a process of its own, one after the other, so that none warms up or weighs
 * down the next. Names on the command line choose among them. `--engine inngest`: what runs on Inngest's server, which
 * is not left out where there is none, since it was asked for: then the exit code is 2.
 */
const onSqlite = ["throughput", "latency", "claims", "many-steps", "startup", "http", "watchers", "disk"];
const onPostgres = ["postgres-throughput", "postgres-latency", "postgres-claims", "postgres-disk"];
const onEngine: Record<string, readonly string[]> = { embedded: [...onSqlite, ...onPostgres], inngest: ["inngest"] };
const { values, positionals: asked } = parseArgs({
	options: { engine: { type: "string", default: "embedded" } },
	allowPositionals: true,
});
const scenarios = onEngine[values.engine];
if (!scenarios) {
	console.error(`There is no engine "${values.engine}". There are: ${Object.keys(onEngine).join(", ")}.`);
	process.exit(2);
}
const unknown = asked.find((name) => !scenarios.includes(name));
if (unknown) {
	console.error(`There is no scenario "${unknown}". There are: ${scenarios.join(", ")}.`);
	process.exit(2);
}

/**
 * V8 lets its young generation grow to 100 MB and more under such a load, and gains nothing by it: the memory would say
 * more of V8 than of Darkroom. docs/operations/running.md says who else should set it.
 */
const nodeOptions = ["--max-semi-space-size=16"];

const isOnInngest = values.engine === "inngest";
const inngest = isOnInngest ? await findServer("BENCH_INNGEST_URL", startInngest) : undefined;
if (isOnInngest && !inngest) process.exit(2);
const sync = measureSync();
console.log("Darkroom bench");
console.log(`  machine   ${describeMachine()}`);
console.log(`  commit    ${describeCommit()}, ${new Date().toISOString().slice(0, 10)}`);
console.log(`  options   node ${nodeOptions.join(" ")}`);
console.log(
	`  store     SQLite, synchronous=FULL, in ${benchFolder === process.env.BENCH_DIR ? "BENCH_DIR" : "the temporary folder"}`,
);
console.log(`  a sync    ${sync.median.toFixed(2)} ms median, ${sync.p99.toFixed(2)} ms at the 99th percentile\n`);
const chosen = asked.length > 0 ? asked : scenarios;
const wantsPostgres = chosen.some((name) => onPostgres.includes(name));
const postgres = wantsPostgres ? await findServer("BENCH_DATABASE_URL", startPostgres) : undefined;
try {
	for (const scenario of chosen) {
		const isOnPostgres = onPostgres.includes(scenario);
		if (isOnPostgres && !postgres) continue;
		console.log(scenario);
		const settings = isOnPostgres ? postgres?.settings : inngest?.settings;
		if (settings) console.log(`  on ${settings}`);
		for (const figure of await runScenario(scenario)) console.log(format(figure));
		console.log();
	}
} finally {
	await postgres?.stop();
	await inngest?.stop();
}

interface Found {
	readonly settings: string;
	stop(): Promise<void>;
}

/** The server that the variable names, or a new one, which it names from then on; said in a line where there is none. */
async function findServer(
	variable: "BENCH_DATABASE_URL" | "BENCH_INNGEST_URL",
	start: (folder: string) => Promise<Found & { readonly url: string }>,
): Promise<Found | undefined> {
	if (process.env[variable]) return { settings: variable, stop: async () => {} };
	const folder = mkdtempSync(join(benchFolder, "darkroom-bench-server-"));
	const remove = () => rmSync(folder, { recursive: true, force: true });
	try {
		const { url, settings, stop } = await start(folder);
		process.env[variable] = url;
		return { settings, stop: () => stop().then(remove) };
	} catch (error) {
		remove();
		if (!(error instanceof Unavailable)) throw error;
		console.log(`Left out: ${error.message}\n`);
		return undefined;
	}
}

function runScenario(name: string): Promise<Figure[]> {
	return new Promise((resolve, reject) => {
		const child = fork(script("./run-scenario", import.meta.url), [name], {
			execArgv: nodeOptions,
			env: { ...process.env, NODE_ENV: "production" },
		});
		child.once("message", (figures) => resolve(figures as Figure[]));
		child.once("exit", (code) => code !== 0 && reject(new Error(`The scenario ${name} ended with ${code}.`)));
	});
}
