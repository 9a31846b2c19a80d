import { readSync, writeSync } from "node:fs";
import { type CopyOptions, copyDatabase } from "./index.ts";

/** A process that copies what its task names until it is killed. It says a line for each page, and waits to be told to go on. */
const task = JSON.parse(process.argv[2] ?? "{}") as CopyOptions;
const order = Buffer.alloc(100);
writeSync(1, "ready\n");
await copyDatabase({
	...task,
	onProgress: ({ table, copied }) => {
		writeSync(1, `${table} ${copied}\n`);
		readSync(0, order);
	},
});
