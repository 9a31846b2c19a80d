import { expect, test } from "vitest";
import type { LogFields, Logger } from "../core/logger.ts";
import { DatabaseLog } from "./database-log.ts";

function logTo(lines: (readonly [string, LogFields])[], isDebug: boolean): DatabaseLog {
	const debug: Logger["debug"] = (fields, message) => void lines.push([message, fields]);
	const none = () => {};
	return new DatabaseLog({ debug, info: none, warn: none, error: none, isLevelEnabled: () => isDebug });
}

test("a commit is told with what it held, and its time to the microsecond", () => {
	const lines: (readonly [string, LogFields])[] = [];
	const change = { owner: "ada", jobId: "a", change: 1, kind: "draw", status: "queued" } as const;
	logTo(lines, true).committed([change], 3, 1.234_567);
	expect(lines).toEqual([["database commit", { transitions: 3, changes: 1, durationMs: 1.235 }]]);
});

test("what a line of a read or a query is about stands in it, in one line and cut short", () => {
	const lines: (readonly [string, LogFields])[] = [];
	const log = logTo(lines, true);
	log.ended("database read", performance.now(), "readJob");
	log.ended("database query", performance.now(), `SELECT *\n\t\tFROM jobs ${"AND id = $1 ".repeat(20)}`);
	expect(lines).toMatchObject([
		["database read", { what: "readJob", durationMs: expect.any(Number) }],
		["database query", { what: expect.stringMatching(/^SELECT \* FROM jobs AND id = .{0,100}$/) }],
	]);
});

test("where nobody reads at `debug`, there is not a line", () => {
	const lines: (readonly [string, LogFields])[] = [];
	const log = logTo(lines, false);
	log.committed([], 1, 1);
	log.ended("database read", performance.now(), "readJob");
	expect(log.isOn).toBe(false);
	expect(lines).toEqual([]);
});
