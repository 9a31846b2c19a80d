import { existsSync, readFileSync } from "node:fs";
import type { BehindTheStore } from "./behind-the-store.testsuite.ts";
import { activeLimits, type Kind, type Order, prices } from "./jobs.testsuite.ts";

/**
 * How long a worker may go on to begin a step, in ms, whose lease was taken by another's wrong clock: until it has its
 * turn and reads the answer to its last write, which it was given before. On a busy machine that is a while.
 */
const decidedMs = 1_000;

interface JobRow {
	readonly id: string;
	readonly kind: Kind;
	readonly owner: string;
	readonly idempotency_key: string;
	readonly status: string;
	readonly input: string;
	readonly error: string | null;
	readonly price: number;
	readonly charged: number;
}

interface EntryRow {
	readonly job_id: string;
	readonly type: string;
	readonly posted: number;
	readonly held: number;
}

interface CompletedStep {
	/** Its job's id and its name. */
	readonly step: string;
	readonly finishedAt: number;
}

/** What an order was answered with. */
interface Acknowledged {
	readonly jobId: string;
	readonly price: number;
}

/** What must be so at any moment, whatever is going on: each finds what is not. */
const rules: readonly { readonly says: string; readonly breaches: string }[] = [
	{
		says: "has two active jobs of one subject",
		breaches: `SELECT owner AS who, subject AS what, count(*) AS found FROM jobs
			WHERE subject IS NOT NULL AND finished_at IS NULL GROUP BY owner, subject HAVING count(*) > 1`,
	},
	{
		says: "has more running jobs than the definition allows",
		breaches: `SELECT owner AS who, kind AS what, count(*) AS found FROM jobs
			WHERE lease_token IS NOT NULL GROUP BY owner, kind HAVING count(*) > min(running_per_owner)`,
	},
	...Object.entries(activeLimits).map(([kind, limit]) => ({
		says: "has more active jobs than the definition allows",
		breaches: `SELECT owner AS who, kind AS what, count(*) AS found FROM jobs
			WHERE kind = '${kind}' AND finished_at IS NULL GROUP BY owner, kind HAVING count(*) > ${limit}`,
	})),
	{
		says: "has another balance than its entries",
		breaches: `SELECT owner AS who, 'posted' AS what, posted AS found FROM accounts
			WHERE posted <> (SELECT coalesce(sum(e.posted), 0) FROM entries e WHERE e.owner = accounts.owner)`,
	},
	{
		says: "has more or less held than its entries",
		breaches: `SELECT owner AS who, 'held' AS what, held AS found FROM accounts
			WHERE held <> (SELECT coalesce(sum(e.held), 0) FROM entries e WHERE e.owner = accounts.owner)`,
	},
	{
		says: "has less than nothing available",
		breaches: "SELECT owner AS who, 'available' AS what, posted - held AS found FROM accounts WHERE posted < held",
	},
];

interface Breach {
	readonly who: string;
	readonly says: string;
	readonly what: string;
	readonly found: number;
}

/** In one question, so that all of it is of one moment. */
const allRules = rules
	.map(({ says, breaches }) => `SELECT who, '${says}' AS says, what, found FROM (${breaches}) AS broken`)
	.join(" UNION ALL ");

/** What is answered by one that stops, or has lost its database: it may be done all the same. */
const maySilentlyBeDone: ReadonlySet<string> = new Set(["store_unavailable", "stopped"]);

/**
 * Reads the database through no code of the store, and compares it with what the processes said and with what they did
 * to the world.
 */
export class Audit {
	readonly violations: string[] = [];
	/** The job that each key was answered with. */
	readonly accepted = new Map<string, Acknowledged>();
	/** Keys that were refused for good, with the code. */
	readonly refused = new Map<string, string>();
	/** Jobs that somebody asked to cancel. */
	readonly cancelAsked = new Set<string>();
	/** How often each job was taken up again at its owner's wish, as far as anybody could still say so. */
	readonly #retried = new Map<string, number>();
	/** How often that was asked, and not declined: a process may end between the deed and its word. */
	readonly #retriesAsked = new Map<string, number>();
	readonly #database: BehindTheStore;
	readonly #effectsPath: string;
	readonly #hasTrueClocks: boolean;
	/** Steps that were seen complete: what their rows say, and a moment from which on they were. */
	readonly #completed = new Map<string, { readonly finishedAt: number; readonly since: number }>();

	/** @param hasTrueClocks false when what a row says of a time may be another process's error. */
	constructor(database: BehindTheStore, effectsPath: string, hasTrueClocks: boolean) {
		this.#database = database;
		this.#effectsPath = effectsPath;
		this.#hasTrueClocks = hasTrueClocks;
	}

	/** One line of a process. */
	heard(line: string): void {
		const [what, key = "", second = "", third = ""] = line.split(" ");
		if (what === "ack") this.#heardAcceptance(key, { jobId: second, price: Number(third) });
		if (what === "refused" && !maySilentlyBeDone.has(second)) this.refused.set(key, second);
		if (what === "retrying") count(this.#retriesAsked, key, 1);
		if (what === "retried") count(this.#retried, key, 1);
		if (what === "declined" && second === "retry" && !maySilentlyBeDone.has(third)) count(this.#retriesAsked, key, -1);
	}

	#heardAcceptance(key: string, now: Acknowledged): void {
		const before = this.accepted.get(key);
		if (before && (before.jobId !== now.jobId || before.price !== now.price)) {
			this.#violation(`${key} was answered with ${JSON.stringify(before)} and with ${JSON.stringify(now)}`);
		}
		this.accepted.set(key, now);
	}

	/** What holds at any moment, asked now. False when the database cannot be asked just now. */
	async look(): Promise<boolean> {
		try {
			for (const { who, says, what, found } of await this.#database.ask<Breach>(allRules)) {
				this.#violation(`${who} ${says}: ${what} ${found}`);
			}
			return true;
		} catch (error) {
			if (!this.#database.isAway(error)) throw error;
			return false;
		}
	}

	/** What is complete must never begin again, nor be written again. */
	async compare(): Promise<void> {
		const completed = await this.#completedSteps();
		const seenAt = Date.now();
		for (const { step, finishedAt } of completed) {
			const known = this.#completed.get(step);
			if (known && known.finishedAt !== finishedAt) this.#violation(`${step} was complete and was written again`);
			if (!known)
				this.#completed.set(step, { finishedAt, since: this.#hasTrueClocks ? finishedAt : seenAt + decidedMs });
		}
		for (const [step, runs] of this.#effects()) {
			const since = this.#completed.get(step)?.since ?? Number.POSITIVE_INFINITY;
			if (runs.some((beganAt) => beganAt > since)) this.#violation(`${step} was complete and ran again`);
		}
	}

	/** After the last process has worked off everything. */
	async atTheEnd(): Promise<{ readonly jobs: number; readonly steps: number }> {
		await this.compare();
		await this.look();
		const jobs = await this.#database.ask<JobRow>("SELECT * FROM jobs");
		const byId = new Map(jobs.map((job) => [job.id, job]));
		for (const [key, { jobId, price }] of this.accepted) {
			const job = byId.get(jobId);
			if (job?.idempotency_key !== key) this.#violation(`${key} was accepted as ${jobId}, which is gone`);
			else if (job.price !== price) this.#violation(`${key} was accepted for ${price} and costs ${job.price}`);
		}
		if (new Set(jobs.map((job) => job.idempotency_key)).size !== jobs.length) this.#violation("a key has two jobs");
		const entries = Map.groupBy(await this.#database.ask<EntryRow>(this.#database.jobEntries), (entry) => entry.job_id);
		for (const job of jobs) this.#checkJob(job, entries.get(job.id) ?? []);
		await this.#checkHolds();
		const done = await this.#completedSteps();
		this.#checkWork(done);
		return { jobs: jobs.length, steps: done.length };
	}

	#checkJob(job: JobRow, entries: readonly EntryRow[]): void {
		const order = JSON.parse(job.input) as Order;
		const wanted = order.fails ? "failed" : "completed";
		const isCancelled = job.status === "cancelled" && this.cancelAsked.has(job.id);
		if (job.status !== wanted && !isCancelled) {
			this.#violation(`${job.kind} ${job.id} should be ${wanted} and is ${job.status} ${job.error ?? ""}`);
		}
		if (!Object.values(prices[job.kind]).includes(job.price as never)) {
			this.#violation(`${job.kind} ${job.id} has the price ${job.price}`);
		}
		const due = job.status === "completed" ? job.price - order.refused : 0;
		if (job.charged !== due) this.#violation(`${job.kind} ${job.id} costs ${due} and was charged ${job.charged}`);
		const sum = (of: "posted" | "held") => entries.reduce((total, entry) => total + entry[of], 0);
		if (sum("posted") !== -due) this.#violation(`the entries of ${job.id} take ${-sum("posted")} instead of ${due}`);
		if (sum("held") !== 0) this.#violation(`the entries of ${job.id} still hold ${sum("held")}`);
		const lives = 1 + (this.#retried.get(job.id) ?? 0);
		const mostLives = 1 + (this.#retriesAsked.get(job.id) ?? 0);
		for (const type of ["hold", "capture", "release", "refund"]) {
			const found = entries.filter((entry) => entry.type === type).length;
			if (found > mostLives || (type === "hold" && found < lives)) {
				this.#violation(`${job.id} has ${found} entries of ${type} in ${lives} to ${mostLives} lives`);
			}
		}
	}

	async #checkHolds(): Promise<void> {
		const accounts = await this.#database.ask<{ owner: string; held: number }>("SELECT owner, held FROM accounts");
		if (accounts.length === 0) this.#violation("there are no accounts");
		for (const { owner, held } of accounts) if (held !== 0) this.#violation(`${owner} still has ${held} held`);
	}

	/** Waits do nothing to the world, nor do steps of the two kinds that are there to stand still and to store. */
	#checkWork(done: readonly CompletedStep[]): void {
		const effects = this.#effects();
		for (const { step } of done) {
			if (!effects.has(step) && !/ (dry|stand-still|save)$/.test(step))
				this.#violation(`${step} is complete and never ran`);
		}
	}

	async #completedSteps(): Promise<CompletedStep[]> {
		const { completedSteps } = this.#database;
		const rows = await this.#database.ask<{ job_id: string; name: string; finished_at: number }>(completedSteps);
		return rows.map((row) => ({ step: `${row.job_id} ${row.name}`, finishedAt: row.finished_at }));
	}

	/** When each try of each step began, in ms since 1970. */
	#effects(): Map<string, number[]> {
		const began = new Map<string, number[]>();
		if (!existsSync(this.#effectsPath)) return began;
		for (const line of readFileSync(this.#effectsPath, "utf8").split("\n")) {
			const [jobId, name, , beganAt] = line.split(" ");
			if (!beganAt) continue;
			const step = `${jobId} ${name}`;
			began.set(step, [...(began.get(step) ?? []), Number(beganAt)]);
		}
		return began;
	}

	#violation(sentence: string): void {
		if (!this.violations.includes(sentence)) this.violations.push(sentence);
	}
}

function count(counts: Map<string, number>, key: string, by: number): void {
	counts.set(key, (counts.get(key) ?? 0) + by);
}
