import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { isDarkroomError } from "../../core/errors.ts";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { codeOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import type { Elsewhere } from "../store.ts";
import { postgres } from "./index.ts";

const versions = readdirSync(new URL("./migrations/", import.meta.url)).map((_, i) => ({ version: i + 1 }));

/** A process that has loaded everything, and opens the store when it is told to. Resolves when it is ready for that. */
function startProcess(url: string, schema: string, key: string) {
	const module = pathToFileURL(join(import.meta.dirname, "index.ts")).href;
	const script = `
		import { postgres } from ${JSON.stringify(module)};
		import "pg";
		const [url, schema, key] = process.argv.slice(1);
		const store = postgres(url, { schema });
		console.log("ready");
		await new Promise((resolve) => process.stdin.once("data", resolve));
		await store.open();
		await store.grantCredits({ owner: "ada", amount: 1, key, now: 1 });
		await store.close();
		process.exit();`;
	const args = ["--input-type=module", "--eval", script, url, schema, key];
	const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ["pipe", "pipe", "pipe"] });
	let words = "";
	child.stderr.on("data", (bytes) => {
		words += bytes;
	});
	const ended = new Promise<string>((resolve) => child.once("exit", (code) => resolve(code === 0 ? "well" : words)));
	const ready = new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
	return { ready: Promise.race([ready, ended]), ended, go: () => child.stdin.write("go\n") };
}

test("files of migrations count up by one, for each is a version of the schema", () => {
	const numbers = readdirSync(new URL("./migrations/", import.meta.url)).map((name) => Number.parseInt(name, 10));
	expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
});

describeOnPostgres("a schema", () => {
	const create = postgresStores();
	const rig = StoreRig.use(create);

	test("that ten processes find missing at once is made once, and each one's work is kept", async () => {
		const schema = `${rig.under.schema}_ten`;
		const processes = Array.from({ length: 10 }, (_, i) => startProcess(rig.under.url, schema, `${i}`));
		await Promise.all(processes.map(({ ready }) => ready));
		for (const { go } of processes) go();
		expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual(processes.map(() => "well"));
		expect(await rig.under.ask(`SELECT version FROM ${schema}.migrations ORDER BY version`)).toEqual(versions);
		expect(await rig.under.ask(`SELECT posted::integer FROM ${schema}.accounts`)).toEqual([{ posted: 10 }]);
		await rig.under.ask(`DROP SCHEMA ${schema} CASCADE`);
	}, 60_000);

	test("that a newer Darkroom wrote is refused as `misconfigured` by whatever comes first, and left as it is", async () => {
		await rig.grant("ada", 3);
		const newer = versions.length + 1;
		await rig.under.ask(`INSERT INTO ${rig.under.table("migrations")} (version) VALUES ($1)`, [newer]);
		const store = rig.under.connect();
		expect(await codeOf(store.open())).toBe("misconfigured");
		expect(await codeOf(store.submitJob(rig.submission()))).toBe("misconfigured");
		expect(await codeOf(store.readBalance("ada"))).toBe("misconfigured");
		const found = await rig.under.ask(`SELECT max(version) AS version FROM ${rig.under.table("migrations")}`);
		expect(found).toEqual([{ version: newer }]);
		expect(await rig.under.ask(`SELECT FROM ${rig.under.table("jobs")}`)).toEqual([]);
	});

	test("that cannot be made to its end is not there at all, and the next open makes it", async () => {
		const schema = `${rig.under.schema}_half`;
		// In the way of the second file.
		await rig.under.ask(`CREATE SCHEMA ${schema}`);
		await rig.under.ask(`CREATE FUNCTION ${schema}.lock_owners(owners text[]) RETURNS void LANGUAGE sql AS ''`);
		const store = postgres(rig.under.url, { schema });
		await expect(store.open()).rejects.toThrow("lock_owners");
		expect(await rig.under.ask("SELECT FROM pg_tables WHERE schemaname = $1", [schema])).toEqual([]);
		await rig.under.ask(`DROP FUNCTION ${schema}.lock_owners(text[])`);
		await store.open();
		expect(await rig.under.ask(`SELECT version FROM ${schema}.migrations ORDER BY version`)).toEqual(versions);
		await store.close();
		await rig.under.ask(`DROP SCHEMA ${schema} CASCADE`);
	});

	test.each(["user", "order", "select"])("may be named by a word of SQL: %s", async (schema) => {
		const store = postgres(rig.under.url, { schema });
		await store.grantCredits({ owner: "ada", amount: 1, key: "k", now: rig.now });
		await store.submitJob(rig.submission({ price: 1 }));
		expect(await store.readBalance("ada")).toMatchObject({ held: 1 });
		await store.close();
		await rig.under.ask(`DROP SCHEMA "${schema}" CASCADE`);
	});

	test.each([
		["Upper"],
		["with space"],
		["with-dash"],
		['quo"te'],
		["1st"],
		[""],
		["a; DROP TABLE x"],
		["x".repeat(41)],
		["pg_mine"],
	])("whose name is not plain is refused before anything is connected: %j", (schema) => {
		// Nothing listens there.
		const refused = () => postgres("postgres://nobody@127.0.0.1:1/none", { schema });
		expect(refused).toThrow(/schema/);
		try {
			refused();
		} catch (error) {
			expect(isDarkroomError(error, "misconfigured")).toBe(true);
		}
	});

	test("beside another in one database sees nothing of it, and hears nothing of it", async () => {
		const other = await create();
		try {
			await other.store.open();
			const heard: Elsewhere[] = [];
			const heardOwn = Promise.withResolvers<void>();
			const listener = rig.under.connect({ pollEveryMs: 3_600_000 });
			const listens = Promise.withResolvers<void>();
			listener.onElsewhere((news) => {
				if (news.owners === null) return listens.resolve();
				heard.push(news);
				if (news.owners.includes("grace")) heardOwn.resolve();
			});
			await listener.open();
			await listens.promise;
			await other.store.grantCredits({ owner: "ada", amount: 5, key: "k", now: 1 });
			const { job } = await other.store.submitJob(
				rig.submission({ price: 2, subject: "story:1", idempotencyKey: "k" }),
			);
			expect(await codeOf(rig.read(job))).toBe("not_found");
			expect(await rig.claim()).toEqual([]);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 0, held: 0, available: 0 });
			// Notifications come in the order of the commits: the other schema's would have come before this one.
			await rig.submit({ owner: "grace" });
			await heardOwn.promise;
			expect(heard).toMatchObject([{ owners: ["grace"] }]);
		} finally {
			await other.close();
		}
	});
});
