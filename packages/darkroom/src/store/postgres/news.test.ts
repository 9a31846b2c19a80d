import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeOnPostgres } from "../../testing/on-postgres.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { leaseOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import type { Elsewhere, Store } from "../store.ts";

/** Nothing is asked for by the hour in any of these tests. */
const hour = 3_600_000;
const anything = { owners: null, claimable: true, revokedLeaseTokens: null };

/** What a store heard of others, and a way to wait for what it will hear. */
class Ear {
	readonly heard: Elsewhere[] = [];
	readonly opened: Promise<void>;
	#onNews = () => {};

	constructor(store: Store) {
		store.onElsewhere((news) => {
			this.heard.push(news);
			this.#onNews();
		});
		this.opened = store.open();
	}

	/** Resolves with the first news of this sort, past ones included. */
	hears(isWanted: (news: Elsewhere) => boolean): Promise<Elsewhere> {
		return new Promise((resolve) => {
			this.#onNews = () => {
				const found = this.heard.find(isWanted);
				if (found) resolve(found);
			};
			this.#onNews();
		});
	}

	hearsOf(owner: string): Promise<Elsewhere> {
		return this.hears(({ owners }) => owners?.includes(owner) ?? false);
	}
}

describeOnPostgres("what one process commits", () => {
	const rig = StoreRig.use(postgresStores({ pollEveryMs: hour }));
	let ear: Ear;
	/** A listener that is not Darkroom, on the same channel. */
	let counter: pg.Client;
	/** As it was sent. */
	let told: string[];

	beforeEach(async () => {
		const other = rig.under.connect();
		ear = new Ear(other);
		await other.open();
		// Whoever begins to listen says so: what came before, nobody can have heard.
		await ear.hears(({ owners }) => owners === null);
		ear.heard.length = 0;
		told = [];
		counter = new pg.Client(rig.under.url);
		await counter.connect();
		counter.on("notification", ({ payload }) => void told.push(payload ?? ""));
		await counter.query(`LISTEN "${rig.under.schema}.news"`);
	});
	afterEach(() => counter.end());

	/** Everything told up to now has been heard when the answer to a later query is. */
	async function toldSoFar() {
		await counter.query("SELECT");
		return told.map((payload): unknown => JSON.parse(payload));
	}

	test("is heard by another at once, without asking for it, and not by itself", async () => {
		const own = new Ear(rig.store);
		await rig.submit();
		expect(await ear.hearsOf("ada")).toEqual({ owners: ["ada"], claimable: true, revokedLeaseTokens: [] });
		await rig.submit({ owner: "grace" });
		await ear.hearsOf("grace");
		expect(own.heard.filter(({ owners }) => owners !== null)).toEqual([]);
	});

	test("in one turn of the event loop is one notification, however many transitions it was", async () => {
		await Promise.all(Array.from({ length: 50 }, (_, i) => rig.submit({ owner: i < 25 ? "ada" : "grace" })));
		expect(await toldSoFar()).toMatchObject([{ owners: ["ada", "grace"], claimable: true }]);
		told.length = 0;
		const jobs = (await rig.claim({ limit: 50 })).map(({ job }) => job);
		expect(await toldSoFar()).toMatchObject([{ owners: expect.arrayContaining(["ada", "grace"]), claimable: false }]);
		told.length = 0;
		await Promise.all(jobs.map((job) => rig.complete(job)));
		expect(await toldSoFar()).toMatchObject([{ owners: expect.arrayContaining(["ada", "grace"]) }]);
		expect(jobs).toHaveLength(50);
	});

	test("and changes nothing, is told to nobody", async () => {
		const job = await rig.running();
		await toldSoFar();
		told.length = 0;
		expect(await rig.claim()).toEqual([]);
		expect((await rig.sweep()).returned).toBe(0);
		await rig.read(job);
		await rig.store.readBalance("ada");
		expect(await toldSoFar()).toEqual([]);
	});

	test("takes no lease away where it says of none: others need not look after theirs", async () => {
		const { id } = await rig.submit();
		await rig.store.cancelJob(rig.asOwner({ id, owner: "ada" }));
		await rig.store.retryJob({ ...rig.asOwner({ id, owner: "ada" }), activePerOwner: null });
		await rig.complete(await rig.claimOne());
		await rig.store.deleteJob(rig.asOwner({ id, owner: "ada" }));
		await rig.submit({ owner: "grace" });
		await ear.hearsOf("grace");
		expect(ear.heard.map(({ revokedLeaseTokens }) => revokedLeaseTokens)).toEqual(ear.heard.map(() => []));
		expect(ear.heard.length).toBeGreaterThanOrEqual(7);
	});

	test("names the leases it took away, whatever took them", async () => {
		const take = {
			cancel: (store: Store, job: { id: string; owner: string }) => store.cancelJob(rig.asOwner(job)),
			clear: (store: Store) => store.clearSubject({ viewer: "ada", subject: "story:1", now: rig.now }),
			sweep: (store: Store) => store.sweep({ now: rig.now + 30_000, limit: 10 }),
			submit: (store: Store) =>
				store.submitJob(rig.submission({ subject: "story:1", staleAfterMs: 1, now: rig.now + 60_000 })),
		};
		for (const [way, work] of Object.entries(take)) {
			const job = await rig.running({ subject: "story:1" });
			const { leaseToken } = leaseOf(job);
			await work(rig.store, job);
			const isIt = ({ revokedLeaseTokens }: Elsewhere) => revokedLeaseTokens?.includes(leaseToken) ?? false;
			expect(await ear.hears(isIt), way).toMatchObject({ owners: expect.arrayContaining(["ada"]) });
			// None is left for the next way.
			const { jobs } = await rig.everythingOf("ada");
			for (const { job: left } of jobs) await rig.store.cancelJob(rig.asOwner(left));
		}
	});

	test("gives everything of an owner to another, and names the one who has nothing any more", async () => {
		await rig.store.transferOwner({ from: "guest", to: "ada", now: rig.now });
		expect(await ear.hears(({ movedOwners }) => movedOwners !== undefined)).toMatchObject({ movedOwners: ["guest"] });
	});

	test("of a transfer tells who holds a lease to look whose its job is now", async () => {
		const job = await rig.running();
		await rig.store.transferOwner({ from: "ada", to: "grace", now: rig.now });
		const isIt = ({ owners, revokedLeaseTokens }: Elsewhere) =>
			revokedLeaseTokens === null && owners !== null && owners.includes("ada") && owners.includes("grace");
		expect(await ear.hears(isIt)).toMatchObject({ claimable: true });
		expect([...(await rig.under.connect().findOwners([leaseOf(job)])).values()]).toEqual(["grace"]);
	});

	test("is not mistaken for what somebody else says on its channel, who may be anyone: then it is looked for", async () => {
		for (const words of ["hello", "null", "{}", '{"by": 1, "owners": "ada"}', ""]) {
			ear.heard.length = 0;
			await rig.under.ask("SELECT pg_notify($1, $2)", [`${rig.under.schema}.news`, words]);
			expect(await ear.hears(() => true)).toEqual(anything);
		}
	});

	test("of more owners than a notification holds is told as anyone's", async () => {
		await Promise.all(Array.from({ length: 500 }, (_, i) => rig.submit({ owner: `${"a".repeat(40)}${i}` })));
		expect(await ear.hears(() => true)).toMatchObject({ owners: null, claimable: true });
	});

	test("while the listener was away is not missed: it listens again, and says that anything may have happened", async () => {
		const listeners = `SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN "${rig.under.schema}.news"' AND pid <> $1`;
		const own = (await counter.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
		const before = (await rig.under.ask(listeners, [own])).map(({ pid }) => pid);
		expect(before.length).toBeGreaterThan(0);
		await rig.under.ask("SELECT pg_terminate_backend(pid) FROM unnest($1::integer[]) AS pid", [before]);
		await rig.submit({ owner: "missed" });
		expect(await ear.hears(({ owners }) => owners === null)).toEqual(anything);
		const after = (await rig.under.ask(listeners, [own])).map(({ pid }) => pid);
		expect(after.filter((pid) => before.includes(pid))).toEqual([]);
		await rig.submit({ owner: "grace" });
		expect(await ear.hearsOf("grace")).toMatchObject({ claimable: true });
	});

	test("while nothing was heard names who was moved meanwhile, and nobody who was moved before", async () => {
		await rig.store.transferOwner({ from: "before", to: "ada", now: rig.now });
		const polled = new Ear(rig.under.connect({ listen: false, pollEveryMs: 20 }));
		await polled.opened;
		await rig.store.transferOwner({ from: "guest", to: "ada", now: rig.now });
		await polled.hears(({ movedOwners }) => movedOwners?.includes("guest") ?? false);
		await rig.store.transferOwner({ from: "again", to: "ada", now: rig.now });
		await polled.hears(({ movedOwners }) => movedOwners?.includes("again") ?? false);
		expect(polled.heard.flatMap(({ movedOwners = [] }) => movedOwners)).toEqual(["guest", "again"]);
	});

	test("that moves owners at the same time names each of them", async () => {
		const polled = new Ear(rig.under.connect({ listen: false, pollEveryMs: 5 }));
		await polled.opened;
		const guests = Array.from({ length: 40 }, (_, i) => `guest ${i}`);
		const stores = [rig.store, rig.under.connect(), rig.under.connect()];
		await Promise.all(guests.map((from, i) => stores[i % 3]?.transferOwner({ from, to: `user ${i}`, now: rig.now })));
		const named = () => new Set(polled.heard.flatMap(({ movedOwners = [] }) => movedOwners));
		await polled.hears(() => named().size >= guests.length);
		expect(named()).toEqual(new Set(guests));
	});
});
