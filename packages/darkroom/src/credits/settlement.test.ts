import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChargeMoment } from "../core/job.ts";
import { type JobEvent, type JobStatus, nextStatus } from "../core/status.ts";
import { balanceOf, type Entry, type Settlement, settleEnd, settleStart } from "./settlement.ts";

interface LedgerJob {
	readonly price: number;
	readonly charge: ChargeMoment;
	status: JobStatus;
	held: number;
	charged: number;
	/** In credits, over all lives of the job: what is delivered stays delivered. */
	delivered: number;
	/** Its own entries. */
	readonly entries: Entry[];
}

/** One owner's account as a store keeps it: the pure rules decide, and what they decide is applied. */
class Account {
	posted = 0;
	held = 0;
	granted = 0;
	readonly entries: Entry[] = [];
	readonly jobs: LedgerJob[] = [];

	grant(amount: number): void {
		if (balanceOf(this.posted, this.held).available + amount < 0) return;
		this.granted += amount;
		this.#post([{ type: "grant", posted: amount, held: 0 }]);
	}

	submit(price: number, charge: ChargeMoment): void {
		const job: LedgerJob = { price, charge, status: "queued", held: 0, charged: 0, delivered: 0, entries: [] };
		if (this.#hold(job, price)) this.jobs.push(job);
	}

	/** Moves a job where its status table allows it, and settles as the store does at that edge. */
	move(job: LedgerJob, event: JobEvent, delivers: number): void {
		const next = nextStatus(job.status, event);
		if (!next) return;
		if (event === "retry" && !this.#hold(job, job.price - job.charged)) return;
		if (event === "claim") this.#apply(job, settleStart(job));
		// Nothing is delivered by a job that nobody works on; all of it, or more, by one that says it is done.
		if (job.status === "running") job.delivered += delivers;
		if (event === "complete" || event === "cancel") this.#apply(job, settleEnd(job, job.delivered));
		if (event === "fail") this.#apply(job, settleEnd(job, 0));
		job.status = next;
	}

	#hold(job: LedgerJob, amount: number): boolean {
		if (balanceOf(this.posted, this.held).available < amount) return false;
		this.#apply(job, {
			entries: [{ type: "hold", posted: 0, held: amount }],
			held: amount,
			charged: job.charged,
		});
		return true;
	}

	#apply(job: LedgerJob, settlement: Settlement): void {
		job.held = settlement.held;
		job.charged = settlement.charged;
		job.entries.push(...settlement.entries);
		this.#post(settlement.entries);
	}

	#post(entries: readonly Entry[]): void {
		for (const entry of entries) {
			this.posted += entry.posted;
			this.held += entry.held;
			this.entries.push(entry);
		}
	}
}

type Move = (account: Account) => void;

const price = fc.nat(12);
const anyMove: fc.Arbitrary<Move> = fc.oneof(
	fc.integer({ min: -20, max: 40 }).map(
		(amount): Move =>
			(account) =>
				account.grant(amount),
	),
	fc.tuple(price, fc.constantFrom<ChargeMoment>("on-success", "on-start")).map(
		([amount, charge]): Move =>
			(account) =>
				account.submit(amount, charge),
	),
	{
		weight: 6,
		arbitrary: fc
			.tuple(
				fc.nat(30),
				fc.constantFrom<JobEvent>("claim", "claim", "release", "complete", "fail", "cancel", "retry"),
				fc.oneof(fc.constant(0), fc.nat(4), fc.nat(15)),
			)
			.map(
				([index, event, delivers]): Move =>
					(account) => {
						const job = account.jobs[index % Math.max(1, account.jobs.length)];
						if (job) account.move(job, event, delivers);
					},
			),
	},
);

/** Plays long random sequences of an owner's doings, so that jobs are retried after a part of them was paid, and looks at the account after every one of them. */
function always(look: (account: Account) => void): void {
	fc.assert(
		fc.property(fc.array(anyMove, { maxLength: 80, size: "max" }), (moves) => {
			const account = new Account();
			account.grant(20);
			for (const move of moves) {
				move(account);
				look(account);
			}
		}),
		{ numRuns: 400 },
	);
}

const sum = (entries: readonly Entry[], field: "posted" | "held") =>
	entries.reduce((total, entry) => total + entry[field], 0);

describe("whatever an owner's jobs do", () => {
	test("the entries add up to what is posted and to what is held", () => {
		always((account) => {
			expect(sum(account.entries, "posted")).toBe(account.posted);
			expect(sum(account.entries, "held")).toBe(account.held);
		});
	});

	test("no more is held than by the jobs that hold it, and no more was paid than was granted", () => {
		always((account) => {
			expect(account.held).toBe(account.jobs.reduce((total, job) => total + job.held, 0));
			expect(account.posted).toBe(account.granted - account.jobs.reduce((total, job) => total + job.charged, 0));
		});
	});

	test("available never drops below 0", () => {
		always((account) => expect(balanceOf(account.posted, account.held).available >= 0).toBe(true));
	});

	test("a hold is resolved once: a job's captures and releases never exceed its holds, and meet them when it is final", () => {
		always((account) => {
			for (const job of account.jobs) {
				expect(sum(job.entries, "held")).toBe(job.held);
				expect(job.held).toBeGreaterThanOrEqual(0);
				if (job.status !== "queued" && job.status !== "running") expect(job.held).toBe(0);
			}
		});
	});

	test("a job never costs more than its price, nor less than nothing", () => {
		always((account) => {
			for (const job of account.jobs) {
				expect(job.charged).toBeGreaterThanOrEqual(0);
				expect(job.charged).toBeLessThanOrEqual(job.price);
				expect(job.charged + sum(job.entries, "posted")).toBe(0);
			}
		});
	});

	test("a job that failed has cost nothing, any other that is final what it delivered, and no more than its price", () => {
		always((account) => {
			for (const job of account.jobs) {
				if (job.status === "queued" || job.status === "running") continue;
				expect(job.charged).toBe(job.status === "failed" ? 0 : Math.min(job.price, job.delivered));
			}
		});
	});

	test("an entry is never empty", () => {
		always((account) => {
			for (const entry of account.entries.filter(({ type }) => type !== "hold" && type !== "grant")) {
				expect(entry.posted !== 0 || entry.held !== 0).toBe(true);
			}
		});
	});
});

describe("a job of 8 credits", () => {
	const held = { held: 8, charged: 0 };

	test("charged on success pays nothing at its claim", () => {
		expect(settleStart({ ...held, charge: "on-success" })).toEqual({ entries: [], held: 8, charged: 0 });
	});

	test("that delivered 7 of 8 pages pays 7 and gets 1 back", () => {
		expect(settleEnd({ ...held, charge: "on-success" }, 7)).toEqual({
			entries: [
				{ type: "capture", posted: -7, held: -7 },
				{ type: "release", posted: 0, held: -1 },
			],
			held: 0,
			charged: 7,
		});
	});

	test("that failed with nothing delivered pays nothing", () => {
		expect(settleEnd({ ...held, charge: "on-success" }, 0)).toEqual({
			entries: [{ type: "release", posted: 0, held: -8 }],
			held: 0,
			charged: 0,
		});
	});

	test("charged on start pays at its first claim, and not again at the next", () => {
		const first = settleStart({ ...held, charge: "on-start" });
		expect(first).toEqual({ entries: [{ type: "capture", posted: -8, held: -8 }], held: 0, charged: 8 });
		expect(settleStart({ ...first, charge: "on-start" }).entries).toEqual([]);
	});

	test("charged on start is given back what was not delivered", () => {
		const paid = { held: 0, charged: 8, charge: "on-start" } as const;
		expect(settleEnd(paid, 0)).toEqual({ entries: [{ type: "refund", posted: 8, held: 0 }], held: 0, charged: 0 });
		expect(settleEnd(paid, 7)).toEqual({ entries: [{ type: "refund", posted: 1, held: 0 }], held: 0, charged: 7 });
		expect(settleEnd(paid, 8)).toEqual({ entries: [], held: 0, charged: 8 });
	});

	test("of which 3 were charged before and that fails now gives those back, with what it holds", () => {
		expect(settleEnd({ held: 5, charged: 3, charge: "on-success" }, 0)).toEqual({
			entries: [
				{ type: "release", posted: 0, held: -5 },
				{ type: "refund", posted: 3, held: 0 },
			],
			held: 0,
			charged: 0,
		});
	});

	test("charged on start but cancelled before it started pays nothing", () => {
		expect(settleEnd({ ...held, charge: "on-start" }, 0)).toEqual({
			entries: [{ type: "release", posted: 0, held: -8 }],
			held: 0,
			charged: 0,
		});
	});

	test.each([
		[-3, 0],
		[9, 8],
		[1_000, 8],
		[Number.POSITIVE_INFINITY, 8],
		[2.9, 2],
		[Number.NaN, 0],
	])("whose code says it delivered %d pays %d, and its hold is resolved all the same", (due, paid) => {
		for (const charge of ["on-success", "on-start"] as const) {
			const started = settleStart({ ...held, charge });
			const ended = settleEnd({ ...started, charge }, due);
			expect(ended).toMatchObject({ held: 0, charged: paid });
			expect(sum([...started.entries, ...ended.entries], "held")).toBe(-8);
			expect(sum([...started.entries, ...ended.entries], "posted")).toBe(-paid + 0);
		}
	});
});
