import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { copyRig, fill } from "../copy/copy-rig.testsuite.ts";
import { sqlite } from "../store/sqlite/index.ts";
import { describeOnPostgres } from "../testing/on-postgres.testsuite.ts";

const main = pathToFileURL(`${import.meta.dirname}/main.ts`).href;
const script = `import { main } from ${JSON.stringify(main)}; process.exitCode = await main(process.argv.slice(1), process.env);`;

/** `darkroom …` in a process of its own, as bin/darkroom.js starts it. */
async function darkroom(args: readonly string[], env: Record<string, string> = {}) {
	const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script, "--"];
	const child = spawn(process.execPath, [...flags, ...args], { env: { PATH: process.env.PATH, ...env } });
	const said = { out: "", err: "" };
	child.stdout.on("data", (chunk: Buffer) => {
		said.out += chunk;
	});
	child.stderr.on("data", (chunk: Buffer) => {
		said.err += chunk;
	});
	const [code] = await once(child, "close");
	return { code, ...said };
}

test.each([
	[[], "one command, copy"],
	[["paste"], "one command, copy"],
	[["copy"], "Which file"],
	[["copy", "a.db"], "set DATABASE_URL"],
	[["copy", "a.db", "--fast"], "--fast"],
	[["copy", "a", "b", "c"], "What is c?"],
])("says what it did not understand, and how it is used: %j", async (args, what) => {
	const { code, out, err } = await darkroom(args);
	expect([code, out]).toEqual([2, ""]);
	expect(err.split("\n", 1)[0]).toContain(what);
	expect(err).toContain("darkroom copy <file>");
});

test("says what failed in a sentence, without a stack, and fails", async () => {
	const { code, err } = await darkroom(["copy", "/nowhere/darkroom.db", "postgres://ada@127.0.0.1:1/none"]);
	expect([code, err]).toEqual([1, "There is no file /nowhere/darkroom.db that could be copied.\n"]);
});

test("says of a file that is no database that it is none, and of another server's address that it is no Postgres", async () => {
	const folder = mkdtempSync(join(tmpdir(), "darkroom-"));
	try {
		const file = join(folder, "notes.db");
		writeFileSync(file, "Dear diary, ".repeat(500));
		const { code, err } = await darkroom(["copy", file, "postgres://ada@127.0.0.1:1/none"]);
		expect(code).toBe(1);
		expect(err).toContain("is not a SQLite database");
		const store = sqlite(join(folder, "darkroom.db"));
		await store.open();
		await store.close();
		const other = await darkroom(["copy", join(folder, "darkroom.db"), "mysql://ada:secret@127.0.0.1:1/none"]);
		expect(other.code).toBe(1);
		expect(other.err).toMatch(/^The database's address begins with mysql:\/\/, which is no Postgres: [^\n]*\n$/);
		expect(other.err).not.toContain("secret");
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

describeOnPostgres("darkroom copy", () => {
	const copying = copyRig();

	test("copies into DATABASE_URL and prints what was counted and compared", async () => {
		await fill(copying.rig);
		const { jobs, balance } = await copying.rig.everythingOf("ada");
		await copying.closeSource();
		const { code, out, err } = await darkroom(["copy", copying.from, "--schema", copying.schema], {
			DATABASE_URL: copying.to,
		});
		expect([code, err]).toEqual([0, ""]);
		expect(out).toMatch(/^jobs +\d+$/m);
		expect(out).toContain("the credits of each of 4 owners");
		const target = copying.target();
		expect(await target.listJobs({ viewer: "ada", limit: 100 })).toEqual(jobs);
		expect(await target.readBalance("ada")).toEqual(balance);
	});
});
