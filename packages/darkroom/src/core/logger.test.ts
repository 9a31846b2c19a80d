import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, test } from "vitest";
import { type Logger, silentLogger } from "./logger.ts";

test("a pino logger is one: fields first, then the message", () => {
	const lines: string[] = [];
	const stream = new Writable({
		write(chunk, _encoding, done) {
			lines.push(String(chunk));
			done();
		},
	});
	const logger: Logger = pino({ level: "debug" }, stream);
	for (const level of ["debug", "info", "warn", "error"] as const)
		logger[level]({ jobId: "42", level }, "job completed");
	expect(lines.map((line) => JSON.parse(line))).toEqual(
		["debug", "info", "warn", "error"].map((level) =>
			expect.objectContaining({ jobId: "42", level, msg: "job completed" }),
		),
	);
});

test("the silent one takes everything and says nothing", () => {
	expect(silentLogger.error({ jobId: "42", err: new Error("gone") }, "job failed")).toBeUndefined();
});
