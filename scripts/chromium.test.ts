import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findChromium } from "./chromium.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-chromium-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function install(name: string, mode: number): string {
	const file = join(folder, name);
	writeFileSync(file, "#!/bin/sh\n");
	chmodSync(file, mode);
	return file;
}

test("a browser in PATH is found", () => {
	const chromium = install("chromium-browser", 0o755);
	expect(findChromium({ PATH: folder })).toBe(chromium);
});

test("CHROMIUM_PATH goes before everything in PATH", () => {
	install("chromium", 0o755);
	const own = install("my-own-browser", 0o755);
	expect(findChromium({ PATH: folder, CHROMIUM_PATH: own })).toBe(own);
});

test("a CHROMIUM_PATH that names nothing is not replaced by another browser behind one's back", () => {
	install("chromium", 0o755);
	expect(findChromium({ PATH: folder, CHROMIUM_PATH: join(folder, "gone") })).toBeUndefined();
});
