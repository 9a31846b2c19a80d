import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type Order, prices } from "./sigkill-jobs.testsuite.ts";

interface JobRow {
	readonly id: string;
	readonly kind: keyof typeof prices;
	readonly owner: string;
	readonly idempotency_key: string;
	readonly status: string;
	readonly input: string;
	readonly error: string | null;
	readonly price: number;
	readonly charged: number;
}

/**
 * Reads the database as it lies on the disk, through no code of the store, and compares it with what the processes
 * said and with what they did to the world.
 */
export class Audit {
	readonly violations: string[] = [];
	readonly #databasePath: string;
	readonly #effectsPath: string;
	/** Steps that were recorded as complete at the first comparison that found them, with how often they had run by then. */
	readonly #completed = new Map<string, number>();
	/** The job that each key was answered with. */
	readonly #accepted = new Map<string, string>();

	constructor(databasePath: string, effectsPath: string) {
		this.#databasePath = databasePath;
		this.#effectsPath = effectsPath;
	}

	get accepted(): ReadonlyMap<string, string> {
		return this.#accepted;
	}

	/** One line of a process. */
	heard(line: string): void {
		const [what, key = "", jobId = ""] = line.split(" ");
		if (what !== "ack") return;
		const known = this.#accepted.get(key);
		if (known !== undefined && known !== jobId) this.#violation(`${key} was answered with ${known} and with ${jobId}`);
		this.#accepted.set(key, jobId);
	}

	/** What is complete now must never run again; and what was at the last comparison must not have. */
	compare(): void {
		// In this order: of a step that is complete, what it did is in the file by now, even if processes live.
		const completed = this.#completedSteps();
		const effects = this.#effects();
		for (const step of completed) {
			const before = this.#completed.get(step);
			const now = effects.get(step) ?? 0;
			if (before === undefined) this.#completed.set(step, now);
			else if (now !== before) this.#violation(`${step} was complete and ran again`);
		}
	}

	/** After the last process has worked off everything. */
	atTheEnd(): { readonly jobs: number; readonly steps: number } {
		this.compare();
		const jobs = this.#query<JobRow>("SELECT * FROM jobs");
		const byId = new Map(jobs.map((job) => [job.id, job]));
		for (const [key, id] of this.#accepted) {
			if (byId.get(id)?.idempotency_key !== key) this.#violation(`${key} was accepted as ${id}, which is gone`);
		}
		if (new Set(jobs.map((job) => job.idempotency_key)).size !== jobs.length) this.#violation("a key has two jobs");
		for (const job of jobs) this.#checkJob(job);
		this.#checkAccounts();
		const done = this.#completedSteps();
		const effects = this.#effects();
		for (const step of done) {
			if (!effects.has(step) && !step.endsWith(" dry")) this.#violation(`${step} is complete and never ran`);
		}
		return { jobs: jobs.length, steps: done.length };
	}

	#checkJob(job: JobRow): void {
		const order = JSON.parse(job.input) as Order;
		const expected = order.fails ? "failed" : "completed";
		if (job.status !== expected) {
			this.#violation(`${job.kind} ${job.id} should be ${expected} and is ${job.status} ${job.error ?? ""}`);
		}
		const due = order.fails ? 0 : job.kind === "story" ? prices.story - order.refused : prices[job.kind];
		if (job.charged !== due) this.#violation(`${job.kind} ${job.id} costs ${due} and was charged ${job.charged}`);
		const entries = this.#query<{ type: string; posted: number; held: number }>(
			"SELECT type, posted, held FROM entries WHERE job = (SELECT seq FROM jobs WHERE id = ?)",
			job.id,
		);
		const sum = (of: "posted" | "held") => entries.reduce((total, entry) => total + entry[of], 0);
		if (sum("posted") !== -due) this.#violation(`the entries of ${job.id} take ${-sum("posted")} instead of ${due}`);
		if (sum("held") !== 0) this.#violation(`the entries of ${job.id} still hold ${sum("held")}`);
		for (const type of ["hold", "capture", "release", "refund"]) {
			const count = entries.filter((entry) => entry.type === type).length;
			if (count > 1) this.#violation(`${job.id} has ${count} entries of ${type}`);
		}
	}

	#checkAccounts(): void {
		const accounts = this.#query<{ owner: string; posted: number; held: number; sum: number; sumHeld: number }>(
			`SELECT owner, posted, held, (SELECT total(posted) FROM entries e WHERE e.owner = accounts.owner) AS sum,
			   (SELECT total(held) FROM entries e WHERE e.owner = accounts.owner) AS sumHeld FROM accounts`,
		);
		if (accounts.length === 0) this.#violation("there are no accounts");
		for (const { owner, posted, held, sum, sumHeld } of accounts) {
			if (posted !== sum || held !== sumHeld) {
				this.#violation(`${owner} has ${posted}, held ${held}; the entries say ${sum}, held ${sumHeld}`);
			}
			if (held !== 0) this.#violation(`${owner} still has ${held} held`);
			if (posted < 0) this.#violation(`${owner} owes ${-posted}`);
		}
	}

	#completedSteps(): string[] {
		const rows = this.#query<{ job_id: string; name: string }>(
			"SELECT jobs.id AS job_id, name FROM steps JOIN jobs ON jobs.seq = steps.key >> 20 WHERE steps.status = 'completed'",
		);
		return rows.map(({ job_id, name }) => `${job_id} ${name}`);
	}

	/** How often each step did what it does. */
	#effects(): Map<string, number> {
		const counts = new Map<string, number>();
		if (!existsSync(this.#effectsPath)) return counts;
		for (const line of readFileSync(this.#effectsPath, "utf8").split("\n")) {
			const [jobId, name] = line.split(" ");
			if (name) counts.set(`${jobId} ${name}`, (counts.get(`${jobId} ${name}`) ?? 0) + 1);
		}
		return counts;
	}

	#query<Row>(sql: string, ...values: string[]): Row[] {
		const db = new DatabaseSync(this.#databasePath, { readOnly: true });
		try {
			return db.prepare(sql).all(...values) as Row[];
		} finally {
			db.close();
		}
	}

	#violation(sentence: string): void {
		this.violations.push(sentence);
	}
}
