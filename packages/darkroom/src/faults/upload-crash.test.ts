import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { files } from "../assets/files.ts";
import { sharpImages } from "../assets/sharp.ts";
import { silentLogger } from "../core/logger.ts";
import { createAssetLibrary } from "../engine/asset-library.ts";
import { sqlite } from "../store/sqlite/index.ts";
import type { Store } from "../store/store.ts";
import { AppProcess } from "../testing/app-process.testsuite.ts";

const dayMs = 86_400_000;

let folder: string;
let store: Store;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "darkroom-upload-"));
	store = sqlite(join(folder, "rows.db"));
});
afterEach(async () => {
	await store.close();
	await rm(folder, { recursive: true, force: true });
});

test.each([
	["before its bytes", 0],
	["after its bytes", 1],
] as const)(
	"a process that is killed in an upload, just %s are written, leaves nothing that is not swept",
	async (standsStill, count) => {
		const said: string[] = [];
		const program = join(import.meta.dirname, "upload-app.testsuite.ts");
		const process = new AppProcess(program, { folder, standsStill }, (line) => said.push(line));
		await process.saysSo(() => true);
		expect(await process.kill()).toBe(true);
		// It never came so far as to tell anybody of the picture.
		expect(said).toHaveLength(1);
		expect(await storedKeys()).toEqual(said.slice(0, count));

		expect(await libraryIn(0).sweepOrphans(dayMs)).toBe(0);
		expect(await libraryIn(dayMs + 60_000).sweepOrphans(dayMs)).toBe(1);
		expect(await storedKeys()).toEqual([]);
		expect(await libraryIn(2 * dayMs).sweepOrphans(dayMs)).toBe(0);
	},
);

/** A process that comes later. */
function libraryIn(ms: number) {
	return createAssetLibrary({
		store,
		assets: files(join(folder, "bytes")),
		images: sharpImages(),
		clock: { now: () => Date.now() + ms, after: () => () => {} },
		uploadLimitBytes: 1_000_000,
		logger: silentLogger,
	});
}

/** Every key that has bytes. */
async function storedKeys(): Promise<string[]> {
	const entries = await readdir(join(folder, "bytes"), { recursive: true, withFileTypes: true }).catch(() => []);
	return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}
