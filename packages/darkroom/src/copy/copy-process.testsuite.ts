import { writeSync } from "node:fs";
import { type CopyOptions, copyDatabase } from "./index.ts";

/** A process that copies what its task names, and says a line for each page that is committed, until it is killed. */
const task = JSON.parse(process.argv[2] ?? "{}") as CopyOptions;
writeSync(1, "ready\n");
await copyDatabase({
	...task,
	onProgress: ({ table, copied }) => void writeSync(1, `${table} ${copied}\n`),
});
