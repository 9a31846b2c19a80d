import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ConfigError } from "./config.ts";
import { prepareDataFolder } from "./data-folder.ts";

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "studio-data-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("makes the data folder and those above it, for nobody else to look into, and takes one that is there", () => {
	const data = join(folder, "some", "where");
	for (let times = 0; times < 2; times++) prepareDataFolder(data);
	expect(statSync(data).mode & 0o777).toBe(0o700);
});

it("refuses one below a file, by its name", () => {
	writeFileSync(join(folder, "file"), "");
	const data = join(folder, "file", "data");
	expect(() => prepareDataFolder(data)).toThrow(ConfigError);
	expect(() => prepareDataFolder(data)).toThrow(`DARKROOM_DATA is "${data}"`);
});

// There the system says that the parent is missing, though it is there.
it.runIf(process.platform === "linux")("refuses one that can never be made, and does not try for ever", () => {
	expect(() => prepareDataFolder("/proc/nope")).toThrow('DARKROOM_DATA is "/proc/nope"');
});
