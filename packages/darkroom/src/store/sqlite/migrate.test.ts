import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf } from "../../testing/store/rig.testsuite.ts";
import { sqlite } from "./index.ts";

let folder: string;
let path: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-migrate-"));
	path = join(folder, "deep", "darkroom.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

test("files of migrations count up by one, for each is a version of the schema", () => {
	const numbers = readdirSync(new URL("./migrations/", import.meta.url)).map((name) => Number.parseInt(name, 10));
	expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
});

test("ten processes that open a new database at once all find it made, and each one's work is kept", async () => {
	const module = pathToFileURL(join(import.meta.dirname, "index.ts")).href;
	const script = `
		import { sqlite } from ${JSON.stringify(module)};
		const store = sqlite(process.argv[1]);
		await store.grantCredits({ owner: "ada", amount: 1, key: process.argv[2], now: 1 });
		await store.close();`;
	const run = promisify(execFile);
	const processes = Array.from({ length: 10 }, (_, i) =>
		run(process.execPath, ["--input-type=module", "--eval", script, path, `${i}`]),
	);
	await Promise.all(processes);
	const store = sqlite(path);
	expect(await store.readBalance("ada")).toEqual({ posted: 10, held: 0, available: 10 });
	await store.close();
}, 60_000);

test("a database that a newer Darkroom wrote is refused as `misconfigured`, and left as it is", async () => {
	const first = sqlite(path);
	await first.open();
	await first.close();
	const db = new DatabaseSync(path);
	db.exec("PRAGMA user_version = 999");
	const store = sqlite(path);
	expect(await codeOf(store.open())).toBe("misconfigured");
	expect(await codeOf(store.readCursor("ada"))).toBe("misconfigured");
	await store.close();
	expect(db.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 999 });
	db.close();
});

test("a migration that fails leaves nothing of itself: the next start finds the database as it was", async () => {
	const first = sqlite(path);
	await first.open();
	await first.close();
	const db = new DatabaseSync(path);
	// As if the second file had been half applied by something else: it adds the column that is there.
	db.exec("PRAGMA user_version = 1");
	const store = sqlite(path);
	await expect(store.open()).rejects.toThrow("duplicate column");
	await store.close();
	expect(db.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 1 });
	db.close();
});
