import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isDarkroomError } from "../../core/errors.ts";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { PostgresWire } from "../../testing/postgres-wire.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";

/** The trouble that a call met. */
async function troubleOf(promise: Promise<unknown>) {
	const error = await promise.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (!isDarkroomError(error, "store_unavailable")) throw new Error("No such trouble.", { cause: error });
	return { reason: /: (.*?)\. What/.exec(error.detail)?.[1], cause: error.cause, retryAfterMs: error.retryAfterMs };
}

describeOnPostgres("a database that cannot be used", () => {
	const rig = StoreRig.use(postgresStores());
	let wire: PostgresWire;

	beforeEach(async () => {
		wire = await PostgresWire.before(rig.under.url);
	});
	afterEach(() => wire.close());

	/** The database's address, changed. */
	function to(change: (url: URL) => void): string {
		const url = new URL(rig.under.url);
		change(url);
		return url.href;
	}

	/** The same database, in sessions that begin with this setting. */
	function withSetting(name: string, value: string): string {
		return to((url) => url.searchParams.set("options", `-c ${name}=${value}`));
	}

	test("for writing, because it is read-only, can be read all the same", async () => {
		await rig.grant("ada", 3);
		const store = rig.under.connect({ url: withSetting("default_transaction_read_only", "on") });
		expect(await store.readBalance("ada")).toMatchObject({ posted: 3 });
		const grant = { owner: "ada", amount: 1, key: "k", now: 1 };
		const writes = [() => store.submitJob(rig.submission()), () => store.grantCredits(grant)];
		for (const write of writes) {
			const trouble = await troubleOf(write());
			expect(trouble).toMatchObject({ reason: "it is read-only", cause: { code: "25006" } });
		}
	});

	test("because no connection is left works again when one is", async (context) => {
		const [own] = await rig.under.ask("SELECT rolsuper AS may FROM pg_roles WHERE rolname = current_user");
		if (!own?.may) return context.skip("makes a role, which this user may not");
		const role = `role_${rig.under.schema}`;
		await rig.under.ask(`CREATE ROLE ${role} LOGIN CONNECTION LIMIT 1`);
		await rig.under.ask(`GRANT ${role} TO CURRENT_USER`);
		await rig.under.ask(`ALTER SCHEMA ${rig.under.schema} OWNER TO ${role}`);
		const url = to((url) => (url.username = role));
		const taken = new pg.Client(url);
		await taken.connect();
		const store = rig.under.connect({ url, listen: false });
		expect(await troubleOf(store.open())).toMatchObject({
			reason: "it has no room or no connection left",
			cause: { code: "53300" },
		});
		await taken.end();
		await rig.under.ask(`ALTER ROLE ${role} CONNECTION LIMIT 5 SUPERUSER`);
		await store.open();
		await store.close();
		await rig.under.ask(`ALTER SCHEMA ${rig.under.schema} OWNER TO CURRENT_USER`);
		await rig.under.ask(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
	});

	describe("because somebody keeps an owner's account locked", () => {
		let holder: pg.Client;
		beforeEach(async () => {
			await rig.grant("ada", 1);
			holder = new pg.Client(rig.under.url);
			await holder.connect();
			await holder.query("BEGIN");
			await holder.query(`SELECT FROM ${rig.under.table("accounts")} WHERE owner = 'ada' FOR UPDATE`);
		});
		afterEach(() => holder.end());

		test.each([
			["lock_timeout", "55P03", "something it needs is locked"],
			["statement_timeout", "57014", "it gave up a statement that took longer than it allows"],
		])("and %s is over, is told so, and works when it is free", async (setting, code, reason) => {
			// As long as a busy machine may need for any other statement of it.
			const store = rig.under.connect({ url: withSetting(setting, "2s") });
			// Not a transition of a turn: those have a way of their own (blocked-owners.test.ts).
			const grant = { owner: "ada", amount: 1, key: "k", now: rig.now };
			const [read, granted] = [store.readBalance("ada"), troubleOf(store.grantCredits(grant))];
			expect(await read).toMatchObject({ posted: 1 });
			expect(await granted).toMatchObject({ reason, cause: { code } });
			await holder.query("ROLLBACK");
			expect((await store.grantCredits(grant)).posted).toBe(2);
		});

		test("is not so for anyone else, nor for claims and sweeps, which go past what is locked", async () => {
			await rig.submit({ owner: "grace" });
			expect((await rig.claim()).map(({ job }) => job.owner)).toEqual(["grace"]);
			rig.now += 10_000_000;
			expect((await rig.sweep()).ended.map(({ owner }) => owner)).toEqual(["grace"]);
		});
	});

	test("because its connections were all terminated is lost once at most, and works at the next call", async () => {
		const store = rig.under.connect({ url: wire.url });
		await store.submitJob(rig.submission());
		await rig.under.ask(
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE application_name = 'darkroom' AND query LIKE '%${rig.under.schema}%' AND pid <> pg_backend_pid()`,
		);
		const outcomes = await Promise.allSettled([store.readBalance("ada"), store.submitJob(rig.submission())]);
		for (const one of outcomes) {
			if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "store_unavailable" });
		}
		expect(await store.readBalance("ada")).toMatchObject({ posted: 0 });
		await store.submitJob(rig.submission());
	});

	test("because its answer never comes is given up on, and so is a connection to it", async () => {
		const url = new URL(wire.url);
		// As long as a busy machine may need for the one before.
		url.searchParams.set("query_timeout", "2000");
		const store = rig.under.connect({ url: url.href });
		await store.submitJob(rig.submission());
		wire.mute();
		const waited = [troubleOf(store.submitJob(rig.submission())), troubleOf(store.readBalance("ada"))];
		for (const trouble of await Promise.all(waited)) expect(trouble.reason).toBe("the connection was lost");
		// The connections that are made in their place get no further.
		const again = [troubleOf(store.submitJob(rig.submission())), troubleOf(store.readBalance("ada"))];
		for (const trouble of await Promise.all(again)) expect(trouble.reason).toBe("the connection was lost");
	}, 60_000);

	test("is told apart from a fault of ours, which keeps its own words", async () => {
		await rig.under.store.open();
		await rig.under.ask(`DROP TABLE ${rig.under.table("assets")}`);
		await expect(rig.store.readAsset("ada", "x")).rejects.toThrow("does not exist");
	});
});
