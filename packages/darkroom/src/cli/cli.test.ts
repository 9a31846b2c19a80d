import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { copyRig, fill } from "../copy/copy-rig.testsuite.ts";
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

test.each([[[]], [["copy"]], [["copy", "a.db"]], [["paste"]], [["copy", "a.db", "--fast"]], [["copy", "a", "b", "c"]]])(
	"says how it is used when it is not understood: %j",
	async (args) => {
		const { code, out, err } = await darkroom(args);
		expect([code, out]).toEqual([2, ""]);
		expect(err).toContain("darkroom copy <file>");
	},
);

test("says what failed in a sentence, without a stack, and fails", async () => {
	const { code, err } = await darkroom(["copy", "/nowhere/darkroom.db", "postgres://ada@127.0.0.1:1/none"]);
	expect([code, err]).toEqual([1, "There is no file /nowhere/darkroom.db that could be copied.\n"]);
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
