import { afterEach, beforeEach, expect, test } from "vitest";
import { type LogFields, type Logger, silentLogger } from "../../core/logger.ts";
import { describeOnPostgres, postgresUrl } from "../../testing/on-postgres.testsuite.ts";
import { PostgresProxy } from "../../testing/postgres-proxy.testsuite.ts";
import { postgresStores } from "../../testing/postgres-store.testsuite.ts";
import { codeOf, leaseOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import { anything, type Elsewhere, type Store } from "../store.ts";

describeOnPostgres("a store whose database is away", () => {
	const url = postgresUrl();
	const rig = StoreRig.use(postgresStores({}, url));
	let proxy: PostgresProxy;
	let isDown: boolean;
	let logged: { readonly message: string; readonly fields: LogFields }[];
	let heard: Elsewhere[];
	let onNews: () => void;
	/** Called when the store asks whether an owner's lock is free. */
	let onLook: () => void;
	let store: Store;

	beforeEach(async () => {
		isDown = false;
		logged = [];
		heard = [];
		onNews = () => {};
		onLook = () => {};
		proxy = await PostgresProxy.before(url(), ({ client, server }) => {
			if (isDown) client.destroy();
			client.on("data", (bytes) => {
				server.write(bytes);
				if (bytes.includes("SKIP LOCKED")) onLook();
			});
			server.on("data", (bytes) => client.write(bytes));
		});
		const note = (fields: LogFields, message: string) => void logged.push({ fields, message });
		const logger: Logger = { ...silentLogger, info: note, warn: note, error: note };
		store = rig.under.connect({ url: proxy.url, pollEveryMs: 50, logger });
		store.onElsewhere((news) => {
			heard.push(news);
			onNews();
		});
		await store.open();
		await news();
	});
	afterEach(async () => {
		await store.close();
		await proxy.close();
	});

	/** Resolves with the next news. */
	function news(): Promise<void> {
		return new Promise((resolve) => {
			onNews = resolve;
		});
	}

	function goDown(): void {
		isDown = true;
		for (const { client, server } of proxy.links) {
			client.destroy();
			server.destroy();
		}
	}

	test("says that something may have happened when it goes and once it is back, and not for each question that fails", async () => {
		const job = await rig.running();
		goDown();
		// Whoever watches asks, and learns that nothing can be read.
		const isTold = () => logged.some(({ message }) => message === "no news from the database, trying again");
		while (!isTold()) await news();
		heard.length = 0;
		for (let i = 0; i < 50; i++) {
			expect(await codeOf(store.extendLeases([leaseOf(job)], rig.now))).toBe("store_unavailable");
		}
		expect(heard).toEqual([]);
		isDown = false;
		await news();
		expect(heard).toContainEqual(anything);
		expect(logged.map(({ message }) => message)).toEqual([
			"no news from the database, trying again",
			"news from the database again",
		]);
		expect(logged[0]?.fields.err).toBeInstanceOf(Error);
	});

	test("says why it could not look whether an owner's lock is free, and tells who waits for it", async () => {
		const job = await rig.running({ owner: "ada" });
		const app = await rig.under.transaction();
		await rig.store.submitJob(rig.submission({ owner: "ada" }), app.client);
		let looks = 0;
		const looksAgain = new Promise<void>((resolve) => {
			onLook = () => ++looks === 2 && resolve();
		});
		const step = { ...rig.stepStart(job, "draw"), output: "1", startedAt: rig.now, keeps: [] };
		const waiting = codeOf(store.completeStep(step));
		await looksAgain;
		goDown();
		expect(await waiting).toBe("store_unavailable");
		const told = logged.find(({ message }) => message === "could not look whether an owner's lock is free");
		expect(told?.fields.err).toBeInstanceOf(Error);
		isDown = false;
		await app.rollback();
	});
});
