import type { Store, Submission } from "darkroom";
import { type CreateDatabase, createSqlite } from "../databases.ts";
import { type Figure, median } from "../figures.ts";
import { createPostgres } from "../postgres-database.ts";

const owners = 200;
const warmUp = 300;
const kind = "five-steps";
const runningPerOwner = 5;
const leaseMs = 30_000;

/** What one claim of one job costs, on an empty table, behind a million finished jobs, behind a saturated owner's backlog. */
export function claims(): Promise<Figure[]> {
	return compare(createSqlite, 3_000);
}

/** The same on Postgres. */
export function postgresClaims(): Promise<Figure[]> {
	return compare(createPostgres, 2_000);
}

async function compare(create: CreateDatabase, rounds: number): Promise<Figure[]> {
	const plain = await measure(create, rounds);
	const finished = await measure(create, rounds, { history: 1_000_000 });
	const saturated = await measure(create, rounds, { backlog: 5_000 });
	return [
		{ name: "claim of one job, with its commit", value: plain, unit: "ms" },
		{
			name: "  with 1,000,000 finished jobs, as a multiple",
			value: finished / plain,
			unit: "×",
			target: { most: 1.3 },
		},
		{ name: "  behind 5,000 jobs of a saturated owner", value: saturated / plain, unit: "×", target: { most: 1.3 } },
	];
}

async function measure(create: CreateDatabase, rounds: number, { history = 0, backlog = 0 } = {}): Promise<number> {
	const database = create();
	const first = database.connect();
	await first.open();
	await first.close();
	if (history > 0) await database.addFinishedJobs(history, owners);
	const store = database.connect();
	await store.open();
	// First in line, and only its first five may run: the rest stands before everyone else's.
	for (let n = 0; n < backlog; n += 500) {
		await Promise.all(Array.from({ length: 500 }, (_, i) => submit(store, `saturated-${n + i}`, "saturated", 1)));
	}
	if (backlog > 0) await claim(store, runningPerOwner);
	const times: number[] = [];
	for (let n = 0; n < rounds + warmUp; n++) {
		await submit(store, `job-${n}`, `owner-${n % owners}`, 0);
		const startedAt = performance.now();
		const [claimed] = await claim(store, 1);
		const elapsedMs = performance.now() - startedAt;
		if (claimed?.job.id !== `job-${n}`) throw new Error(`Claimed ${claimed?.job.id} where job-${n} was next.`);
		if (n >= warmUp) times.push(elapsedMs);
		const { id: jobId, leaseToken, owner } = claimed.job;
		await store.completeJob({
			jobId,
			leaseToken: leaseToken ?? "",
			owner,
			kind,
			output: "{}",
			due: 0,
			now: Date.now(),
		});
	}
	await store.close();
	await database.remove();
	return median(times);
}

let token = 0;

function claim(store: Store, limit: number) {
	const now = Date.now();
	const newLeaseToken = () => `bench-${++token}`;
	return store.claimJobs({ kinds: [kind], limit, leaseExpiresAt: now + leaseMs, now, newLeaseToken });
}

function submit(store: Store, id: string, owner: string, priority: number) {
	const now = Date.now();
	const submission: Submission = {
		id,
		kind,
		owner,
		subject: null,
		staleAfterMs: null,
		idempotencyKey: null,
		input: '{"n":1}',
		assets: [],
		price: 0,
		charge: "on-success",
		activePerOwner: null,
		runningPerOwner,
		priority,
		runAt: now,
		queueTimeoutMs: 86_400_000,
		timeoutMs: 300_000,
		maxAttempts: 5,
		expectedSteps: null,
		now,
		offer: null,
	};
	return store.submitJob(submission);
}
