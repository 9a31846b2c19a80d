import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isOf, markCopied, readMark, refuseCopied } from "./copied-mark.ts";

const url = "postgres://studio:hunter2@db.internal:5433/studio?sslmode=require";

let folder: string;
let path: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "studio-mark-"));
	path = join(folder, "copied-to-postgres.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("says when and to which host and database, and neither user nor password", () => {
	markCopied(folder, url, new Date("2026-11-20T16:40:00Z"));
	const mark = { completedAt: "2026-11-20T16:40:00.000Z", host: "db.internal", port: 5433, database: "studio" };
	expect(readMark(folder)).toEqual(mark);
	expect(readFileSync(path, "utf8")).not.toMatch(/hunter2|studio:/);
	expect(statSync(path).mode & 0o077).toBe(0);
});

it("refuses a start without DATABASE_URL, with the two ways out and without the password", () => {
	markCopied(folder, url, new Date());
	const refusal = /copied to the database studio at db\.internal:5433 .*Set DATABASE_URL .*delete .*copied-to-postgres/;
	expect(() => refuseCopied(folder)).toThrow(refusal);
	expect(() => refuseCopied(folder)).not.toThrow("hunter2");
});

it("lets a folder that was never copied start, and one whose mark was deleted", () => {
	refuseCopied(folder);
	markCopied(folder, url, new Date());
	rmSync(path);
	refuseCopied(folder);
});

it("refuses for a mark that cannot be read, too", () => {
	writeFileSync(path, "");
	expect(() => refuseCopied(folder)).toThrow("Set DATABASE_URL");
});

it.each([
	[url, true],
	["postgres://ada:other@db.internal:5433/studio", true],
	["postgres://db.internal/studio", false],
	["postgres://db.internal:5433/staging", false],
	["postgres://elsewhere:5433/studio", false],
])("tells whether it is of %s: %s", (databaseUrl, expected) => {
	markCopied(folder, url, new Date());
	const mark = readMark(folder);
	expect(mark && isOf(mark, databaseUrl)).toBe(expected);
});
