import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BuildTarget, fingerprint, isFresh, markFresh } from "./fingerprint.ts";

let folder: string;
let target: BuildTarget;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-build-"));
	mkdirSync(join(folder, "src", "deep"), { recursive: true });
	mkdirSync(join(folder, "dist"));
	writeFileSync(join(folder, "src", "a.ts"), "a");
	writeFileSync(join(folder, "src", "deep", "b.ts"), "b");
	writeFileSync(join(folder, "package.json"), "{}");
	writeFileSync(join(folder, "dist", "a.js"), "a");
	target = {
		name: "test",
		inputs: [join(folder, "src"), join(folder, "package.json")],
		ignores: (name) => name.endsWith(".test.ts"),
		product: join(folder, "dist", "a.js"),
		stamp: join(folder, "dist", ".fingerprint"),
	};
	markFresh(target, fingerprint(target));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a build", () => {
	test("is fresh while nothing changed, whatever the files' times say", () => {
		utimesSync(join(folder, "src", "a.ts"), new Date(), new Date(Date.now() + 3_600_000));
		expect(isFresh(target)).toBe(true);
	});

	test("does not mind a test", () => {
		writeFileSync(join(folder, "src", "a.test.ts"), "new");
		expect(isFresh(target)).toBe(true);
	});

	const changes: [string, () => void][] = [
		["a changed file", () => writeFileSync(join(folder, "src", "deep", "b.ts"), "B")],
		["a new file", () => writeFileSync(join(folder, "src", "c.ts"), "c")],
		["a deleted file", () => rmSync(join(folder, "src", "a.ts"))],
		["a renamed file", () => renameSync(join(folder, "src", "a.ts"), join(folder, "src", "z.ts"))],
		["another package.json", () => writeFileSync(join(folder, "package.json"), "{ }")],
		["a missing product", () => rmSync(join(folder, "dist", "a.js"))],
		["a missing stamp", () => rmSync(join(folder, "dist", ".fingerprint"))],
	];
	test.each(changes)("is stale after %s", (_, change) => {
		change();
		expect(isFresh(target)).toBe(false);
	});

	test("is stale when a file changed while it was being made", () => {
		const print = fingerprint(target);
		writeFileSync(join(folder, "src", "a.ts"), "changed meanwhile");
		markFresh(target, print);
		expect(isFresh(target)).toBe(false);
	});
});
