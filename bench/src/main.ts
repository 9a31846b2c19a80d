import { fork } from "node:child_process";
import { type Figure, format } from "./figures.ts";
import { benchFolder, describeCommit, describeMachine, measureSync } from "./machine.ts";
import { script } from "./script.ts";

/**
 * `npm run bench`: each scenario in a process of its own, one after the other, so that none warms up or weighs
 * down the next. Names on the command line choose among them.
 */
const scenarios = ["throughput", "latency", "claims", "many-steps", "startup", "http", "watchers"];
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const unknown = asked.find((name) => !scenarios.includes(name));
if (unknown) {
	console.error(`There is no scenario "${unknown}". There are: ${scenarios.join(", ")}.`);
	process.exit(2);
}

const sync = measureSync();
console.log("Darkroom bench");
console.log(`  machine   ${describeMachine()}`);
console.log(`  commit    ${describeCommit()}, ${new Date().toISOString().slice(0, 10)}`);
console.log(
	`  store     SQLite, synchronous=FULL, in ${benchFolder === process.env.BENCH_DIR ? "BENCH_DIR" : "the temporary folder"}`,
);
console.log(`  a sync    ${sync.median.toFixed(2)} ms median, ${sync.p99.toFixed(2)} ms at the 99th percentile\n`);
for (const scenario of asked.length > 0 ? asked : scenarios) {
	console.log(scenario);
	for (const figure of await runScenario(scenario)) console.log(format(figure));
	console.log();
}

function runScenario(name: string): Promise<Figure[]> {
	return new Promise((resolve, reject) => {
		const child = fork(script("./run-scenario", import.meta.url), [name]);
		child.once("message", (figures) => resolve(figures as Figure[]));
		child.once("exit", (code) => code !== 0 && reject(new Error(`The scenario ${name} ended with ${code}.`)));
	});
}
