import { readFileSync, writeSync } from "node:fs";
import { type CopyOptions, copyDatabase } from "./index.ts";

/** A process that copies what its task on stdin names, and says a line for each page that is committed, until it is killed. */
const task = JSON.parse(readFileSync(0, "utf8")) as CopyOptions;
await copyDatabase({
	...task,
	onProgress: ({ table, copied }) => void writeSync(1, `${table} ${copied}\n`),
});
