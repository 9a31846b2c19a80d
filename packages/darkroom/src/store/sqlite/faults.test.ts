import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DarkroomError } from "../../core/errors.ts";
import { newId } from "../../core/ids.ts";
import { silentLogger } from "../../core/logger.ts";
import { codeOf } from "../../testing/store/rig.testsuite.ts";
import type { Store, Submission } from "../store.ts";
import { Database } from "./database.ts";
import { sqlite } from "./index.ts";
import { storeOn } from "./store-on.ts";

let folder: string;
let path: string;
let store: Store;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-faults-"));
	path = join(folder, "darkroom.db");
	store = sqlite(path);
});

afterEach(async () => {
	vi.useRealTimers();
	vi.restoreAllMocks();
	await store.close();
	rmSync(folder, { recursive: true });
});

function submission(given: Partial<Submission> = {}): Submission {
	return {
		...{ id: newId(1), kind: "draw", owner: "ada", subject: null, staleAfterMs: null, idempotencyKey: null },
		...{ input: "{}", assets: [], price: 0, charge: "on-success", activePerOwner: null, runningPerOwner: null },
		...{
			priority: 0,
			runAt: 1,
			queueTimeoutMs: 1,
			timeoutMs: 1,
			maxAttempts: 1,
			expectedSteps: null,
			now: 1,
			offer: null,
		},
		...given,
	};
}

async function idsOf(from: Store): Promise<string[]> {
	return (await from.listJobs({ viewer: "ada", limit: 100_000 })).map(({ job }) => job.id).sort();
}

describe("while another process holds the write lock", () => {
	let other: DatabaseSync;

	beforeEach(async () => {
		await store.open();
		other = new DatabaseSync(path);
		other.exec("BEGIN IMMEDIATE");
		vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate", "performance"] });
	});

	afterEach(() => other.close());

	test("what is asked waits, without stopping the event loop, and is done when the lock is free", async () => {
		const submitted = store.submitJob(submission());
		await vi.advanceTimersByTimeAsync(4_000);
		expect(await idsOf(store)).toEqual([]);
		other.exec("COMMIT");
		await vi.advanceTimersByTimeAsync(10);
		expect((await submitted).created).toBe(true);
	});

	test("for too long, what is asked is refused with `store_unavailable`, and the next is tried anew", async () => {
		const refused = codeOf(store.submitJob(submission()));
		await vi.advanceTimersByTimeAsync(6_000);
		expect(await refused).toBe("store_unavailable");
		const next = store.submitJob(submission());
		await vi.advanceTimersByTimeAsync(10);
		other.exec("COMMIT");
		await vi.advanceTimersByTimeAsync(10);
		expect(await idsOf(store)).toEqual([(await next).job.id]);
	});

	test("closing tells those who wait, and closes", async () => {
		const refused = codeOf(store.submitJob(submission()));
		const closed = store.close();
		await vi.advanceTimersByTimeAsync(6_000);
		expect(await refused).toBe("store_unavailable");
		await closed;
	});
});

describe("a full disk", () => {
	/** The store's own connection, which is the only one that can be told how large the file may grow. */
	let db: DatabaseSync;
	let used: number;

	beforeEach(async () => {
		const exec = vi.spyOn(DatabaseSync.prototype, "exec");
		await store.open();
		db = exec.mock.contexts[0] as unknown as DatabaseSync;
		exec.mockRestore();
		used = (db.prepare("PRAGMA page_count").get() as { page_count: number }).page_count;
		db.exec(`PRAGMA max_page_count = ${used + 50}`);
	});

	const large = JSON.stringify("x".repeat(3_000));

	async function fill(): Promise<string[]> {
		const accepted: string[] = [];
		for (;;) {
			const settled = await Promise.allSettled(
				Array.from({ length: 8 }, () => store.submitJob(submission({ input: large }))),
			);
			const refused = settled.filter((one) => one.status === "rejected");
			accepted.push(...settled.flatMap((one) => (one.status === "fulfilled" ? [one.value.job.id] : [])));
			if (refused.length === 0) continue;
			expect(refused.map(({ reason }) => (reason as DarkroomError).code)).toEqual(
				refused.map(() => "store_unavailable"),
			);
			return accepted.sort();
		}
	}

	test("is `store_unavailable` with a time to try again, and loses nothing that was accepted", async () => {
		const accepted = await fill();
		expect(accepted.length).toBeGreaterThan(8);
		const refused = await store.submitJob(submission({ input: large })).catch((error: DarkroomError) => error);
		expect(refused).toMatchObject({ code: "store_unavailable", retryAfterMs: 1_000, cause: expect.any(Error) });
		await store.close();
		store = sqlite(path);
		expect(await idsOf(store)).toEqual(accepted);
	});

	test("is `store_unavailable` too where a stale job would be cleared, which then is not", async () => {
		const { job } = await store.submitJob(submission({ subject: "story:1", input: large }));
		await fill();
		const next = submission({ subject: "story:1", staleAfterMs: 5, now: 10, input: large });
		expect(await codeOf(store.submitJob(next))).toBe("store_unavailable");
		expect((await store.readJob("ada", job.id)).job.status).toBe("queued");
	});

	test("that has room again takes up work where it was", async () => {
		const accepted = await fill();
		db.exec(`PRAGMA max_page_count = ${used + 5_000}`);
		const { job } = await store.submitJob(submission({ input: large }));
		expect(await idsOf(store)).toEqual([...accepted, job.id].sort());
	});
});

describe("one bad transition", () => {
	test("among many of its turn is refused alone: the others are committed", async () => {
		const twice = submission();
		await store.submitJob(twice);
		const good = Array.from({ length: 20 }, () => submission());
		const settled = await Promise.allSettled(
			[...good.slice(0, 10), twice, ...good.slice(10)].map((one) => store.submitJob(one)),
		);
		expect(settled.map(({ status }) => status)).toEqual(
			settled.map((_, index) => (index === 10 ? "rejected" : "fulfilled")),
		);
		expect(await idsOf(store)).toEqual([twice, ...good].map(({ id }) => id).sort());
	});
});

describe("a transition that is taken back with its turn", () => {
	test("happens all the same, once: a lease that was given and one that was ended in it are as they should be", async () => {
		await store.grantCredits({ owner: "ada", amount: 3, key: "k", now: 1 });
		const twice = submission();
		await store.submitJob(twice);
		const offer = { leaseToken: "first", leaseExpiresAt: 9 };
		await store.cancelJob({ viewer: "ada", jobId: twice.id, now: 1 });
		const { job } = await store.submitJob(submission({ price: 3, offer }));
		const end = { jobId: job.id, leaseToken: "first", owner: "ada", kind: "draw", output: "1", due: 2, now: 1 };
		const next = submission({ offer: { ...offer, leaseToken: "second" } });
		const [ended, again, begun, bad] = await Promise.allSettled([
			store.completeJob(end),
			store.completeJob(end),
			store.submitJob(next),
			store.submitJob(twice),
		]);
		expect([ended, again, begun, bad].map(({ status }) => status)).toEqual([
			"fulfilled",
			"rejected",
			"fulfilled",
			"rejected",
		]);
		expect(await store.readBalance("ada")).toEqual({ posted: 1, held: 0, available: 1 });
		await store.completeJob({ ...end, jobId: next.id, leaseToken: "second" });
		expect((await store.readJob("ada", next.id)).job.status).toBe("completed");
	});
});

describe("a listener that throws", () => {
	test("keeps no other from the news, and no transition from its end; its error is still thrown", async () => {
		const thrown = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
		const heard: string[] = [];
		store.onChange(() => {
			throw new Error("A listener's own fault.");
		});
		store.onChange((changes) => heard.push(...changes.map(({ jobId }) => jobId)));
		const submitted = await Promise.all([store.submitJob(submission()), store.submitJob(submission())]);
		expect(heard).toEqual(submitted.map(({ job }) => job.id));
		expect(thrown.mock.calls[0]?.[0]).toThrow("A listener's own fault.");
	});

	test("at news of another process holds up no turn to come", async () => {
		const thrown = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
		// Asks with each commit alone, so that it is a turn that finds the news.
		const listening = storeOn(new Database(path, silentLogger, { askEveryMs: null }));
		await listening.open();
		let heard = 0;
		listening.onElsewhere(() => {
			throw new Error("A listener's own fault.");
		});
		listening.onElsewhere(() => heard++);
		await store.submitJob(submission());
		// One more than a turn takes: the next is asked for when the first is over, and by nobody else.
		await Promise.all(Array.from({ length: 601 }, () => listening.submitJob(submission())));
		expect(heard).toBe(1);
		expect(thrown.mock.calls[0]?.[0]).toThrow("A listener's own fault.");
		await listening.close();
	});
});

describe("a path that cannot be used", () => {
	// Below /proc the system says that the parent is missing, though it is there.
	const paths = [
		["lies below a file", "file/darkroom.db", "store_unavailable"],
		["is a folder", ".", "store_unavailable"],
		["is a file of something else", "file", "misconfigured"],
		...(process.platform === "linux"
			? [["cannot be made", "/proc/nope/darkroom.db", "store_unavailable"] as const]
			: []),
	] as const;
	test.each(paths)("because it %s is named, with what to do: %s, %s", async (_, where, code) => {
		writeFileSync(join(folder, "file"), "not a database, but long enough to be looked at as one ".repeat(20));
		const path = resolve(folder, where);
		const unusable = sqlite(path);
		const opening = unusable.open();
		await expect(opening).rejects.toMatchObject({ code, cause: expect.any(Error) });
		await expect(opening).rejects.toThrow(/Check the path|Give the store another path/);
		await expect(opening).rejects.toThrow(where === "." || code === "misconfigured" ? path : dirname(path));
		expect(await codeOf(unusable.submitJob(submission()))).toBe(code);
		expect(await codeOf(unusable.readBalance("ada"))).toBe(code);
		await unusable.close();
	});
});
