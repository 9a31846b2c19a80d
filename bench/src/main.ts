import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Figure, format } from "./figures.ts";
import { benchFolder, describeCommit, describeMachine, measureSync } from "./machine.ts";
import { script } from "./script.ts";
import { startPostgres } from "./servers/postgres.ts";
import { Unavailable } from "./servers/server-process.ts";

/**
 * `npm run bench`: each scenario in a process of its own, one after the other, so that none warms up or weighs
 * down the next. Names on the command line choose among them.
 */
const onSqlite = ["throughput", "latency", "claims", "many-steps", "startup", "http", "watchers"];
const onPostgres = ["postgres-throughput", "postgres-latency", "postgres-claims"];
const scenarios = [...onSqlite, ...onPostgres];
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
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
const server = chosen.some((name) => onPostgres.includes(name)) ? await findServer() : undefined;
try {
	for (const scenario of chosen) {
		if (onPostgres.includes(scenario) && !server) continue;
		console.log(scenario);
		if (onPostgres.includes(scenario)) console.log(`  on ${server?.settings}`);
		for (const figure of await runScenario(scenario)) console.log(format(figure));
		console.log();
	}
} finally {
	await server?.stop();
}

/** `BENCH_DATABASE_URL`, or a new server of this machine's own binaries; said in a line where there are none. */
async function findServer(): Promise<{ readonly settings: string; stop(): Promise<void> } | undefined> {
	if (process.env.BENCH_DATABASE_URL) return { settings: "BENCH_DATABASE_URL", stop: async () => {} };
	const folder = mkdtempSync(join(benchFolder, "darkroom-bench-postgres-"));
	const remove = () => rmSync(folder, { recursive: true, force: true });
	try {
		const { url, settings, stop } = await startPostgres(folder);
		process.env.BENCH_DATABASE_URL = url;
		return { settings, stop: () => stop().then(remove) };
	} catch (error) {
		remove();
		if (!(error instanceof Unavailable)) throw error;
		console.log(`Scenarios on Postgres are left out: ${error.message}\n`);
		return undefined;
	}
}

function runScenario(name: string): Promise<Figure[]> {
	return new Promise((resolve, reject) => {
		const child = fork(script("./run-scenario", import.meta.url), [name], { execArgv: nodeOptions });
		child.once("message", (figures) => resolve(figures as Figure[]));
		child.once("exit", (code) => code !== 0 && reject(new Error(`The scenario ${name} ended with ${code}.`)));
	});
}
