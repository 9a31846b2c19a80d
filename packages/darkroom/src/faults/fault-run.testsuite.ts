import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect } from "vitest";
import { AppProcess } from "../testing/app-process.testsuite.ts";
import { Chance } from "../testing/chance.testsuite.ts";
import { describeOnPostgres, postgresUrl } from "../testing/on-postgres.testsuite.ts";
import { askPostgres } from "../testing/postgres-server.testsuite.ts";
import { type Address, openStore } from "./address.testsuite.ts";
import type { Command, Task } from "./app.testsuite.ts";
import { Audit } from "./audit.testsuite.ts";
import { behindPostgres } from "./behind-postgres.testsuite.ts";
import { behindSqlite } from "./behind-sqlite.testsuite.ts";
import type { BehindTheStore } from "./behind-the-store.testsuite.ts";
import type { Kind } from "./jobs.testsuite.ts";
import { newOrder, type Ordered, owners } from "./orders.testsuite.ts";
import type { Fault } from "./plan.testsuite.ts";
import { report } from "./tally.testsuite.ts";

/** Between two looks at the living database, in ms. */
const lookEveryMs = 80;

export type StoreName = Address["store"];

/** The same faults on both stores; on Postgres where there is one. `begin` gives a run on a database of its own. */
export function describeOnBothStores(name: string, tests: (store: StoreName, begin: Begin) => void): void {
	describe(`${name} on sqlite`, () => tests("sqlite", beginnings()));
	describeOnPostgres(`${name} on postgres`, () => tests("postgres", beginnings(postgresUrl())));
}

export type Begin = (options: Partial<FaultRunOptions> & Pick<FaultRunOptions, "fault">) => Promise<FaultRun>;

/**
 * To be called in a `describe`: after each test nothing is left of its run. `url` is the Postgres server's. Default:
 * SQLite.
 */
function beginnings(url?: () => string): Begin {
	const runs = new Set<FaultRun>();
	afterEach(async () => {
		for (const run of runs) await run.remove();
		runs.clear();
	});
	return async (options) => {
		const run = await FaultRun.begin({ url: url?.(), ...options });
		runs.add(run);
		return run;
	};
}

export interface FaultRunOptions {
	readonly fault: Fault;
	/** Of the Postgres server. Default: SQLite. */
	readonly url?: string;
	/** Where SQLite's file is. Default: the run's folder. */
	readonly databaseFolder?: string;
	/** False when the rows' times cannot be believed. Default true. */
	readonly hasTrueClocks?: boolean;
}

/** Differences of one process from the others. */
export type Given = Partial<Omit<Task, "effectsPath" | "gatePath">>;

/** One database, the processes that work on it, what they were asked, and the audit of what they made of it. */
export class FaultRun {
	readonly seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
	readonly chance = new Chance(this.seed);
	readonly folder = mkdtempSync(join(tmpdir(), "darkroom-faults-"));
	readonly gatePath = join(this.folder, "gate");
	/** Each try of a step leaves a line here, outside the database. */
	readonly effectsPath = join(this.folder, "effects.log");
	readonly address: Address;
	readonly database: BehindTheStore;
	readonly audit: Audit;
	readonly #options: FaultRunOptions;
	readonly #apps = new Set<AppProcess>();
	readonly #orders: Ordered[] = [];
	readonly #owners = new Map<string, string>();
	#listener: (line: string) => void = () => {};
	#looking = Promise.resolve();
	#isOver = false;
	#looks = 0;
	#kills = 0;
	#faults = 0;

	private constructor(options: FaultRunOptions) {
		const { url, databaseFolder = this.folder, hasTrueClocks = true } = options;
		this.#options = options;
		const schema = `faults_${randomBytes(6).toString("hex")}`;
		const path = join(databaseFolder, "darkroom.db");
		this.address = url ? { store: "postgres", url, schema } : { store: "sqlite", path };
		this.database = url ? behindPostgres(url, schema) : behindSqlite(path);
		this.audit = new Audit(this.database, this.effectsPath, hasTrueClocks);
	}

	static async begin(options: FaultRunOptions): Promise<FaultRun> {
		const run = new FaultRun(options);
		const store = openStore(run.address);
		await store.open();
		await store.close();
		run.#looking = run.#keepLooking();
		// What it throws is thrown at the end of the run.
		run.#looking.catch(() => {});
		return run;
	}

	/** In [0, 1). */
	random(): number {
		return this.chance.real();
	}

	/** A process with default settings but for what is given; its leases are short, so that others soon have what it left. */
	start(given: Given = {}): AppProcess {
		const task: Task = {
			address: this.address,
			effectsPath: this.effectsPath,
			gatePath: this.gatePath,
			version: 1,
			clockAheadMs: 0,
			...given,
			// A rest of a story is a long wait here.
			engine: { concurrency: 12, lease: "400ms", sweepEvery: "50ms", longWait: "100ms", ...given.engine },
		};
		const app = new AppProcess(join(import.meta.dirname, "app.testsuite.ts"), task, (line) => this.#heard(line));
		this.#apps.add(app);
		return app;
	}

	/** Of its processes, those that have ended since included. */
	get pids(): readonly number[] {
		return [...this.#apps].map(({ pid }) => pid).filter((pid) => pid !== undefined);
	}

	/** Whose job this is; undefined while nobody has been told of it. */
	ownerOf(jobId: string): string | undefined {
		return this.#owners.get(jobId);
	}

	/** Calls with each line of each process, as it comes. */
	onLine(listener: (line: string) => void): void {
		this.#listener = listener;
	}

	#heard(line: string): void {
		this.audit.heard(line);
		const [what, key, jobId = ""] = line.split(" ");
		if (what === "ack") this.#owners.set(jobId, this.#orders.find(({ order }) => order.key === key)?.owner ?? "");
		this.#listener(line);
	}

	/** Asks for so many new jobs. */
	order(app: AppProcess, count: number, kind?: Kind): readonly Ordered[] {
		const from = this.#orders.length;
		const orders = Array.from({ length: count }, (_, i) => newOrder(this.chance, `${from + i}`, kind));
		this.submit(app, orders);
		return orders;
	}

	submit(app: AppProcess, orders: readonly Ordered[]): void {
		this.#orders.push(...orders.filter((order) => !this.#orders.includes(order)));
		app.tell({ does: "submit", orders } satisfies Command);
	}

	/** Asks again for what was never answered, and for some that was: the same keys. */
	orderAgain(app: AppProcess, share = 0.1): void {
		const { accepted, refused } = this.audit;
		const isOpen = ({ order }: Ordered) => !accepted.has(order.key) && !refused.has(order.key);
		const again = this.#orders.filter((one) => isOpen(one) || (accepted.has(one.order.key) && this.chance.is(share)));
		this.submit(app, again);
	}

	async kill(app: AppProcess): Promise<void> {
		if (await app.kill()) this.#kills++;
		this.#apps.delete(app);
	}

	/** Ends it as an operator does, and waits for that. */
	async end(app: AppProcess): Promise<void> {
		app.signal("SIGTERM");
		await app.isDone();
		this.#apps.delete(app);
	}

	/** Lets it end by itself when nothing is active any more. */
	letEnd(app: AppProcess): void {
		app.tell({ does: "finish" } satisfies Command);
	}

	/** Notes that something was done to it. */
	didFault(): void {
		this.#faults++;
	}

	/** Compares, and fails where anything was found. */
	async check(): Promise<void> {
		await this.audit.compare();
		this.#expectNone();
	}

	/**
	 * A last process works off everything, alone, and with leases that it does not lose however slow the machine; then the
	 * audit has the last word.
	 */
	async finish(given: Given = {}): Promise<void> {
		for (const app of this.#apps) await this.end(app);
		const last = this.start({ ...given, engine: { lease: "1m", ...given.engine } });
		this.orderAgain(last, 0);
		this.letEnd(last);
		await last.isDone();
		this.#apps.delete(last);
		await this.#stopLooking();
		const { jobs, steps } = await this.audit.atTheEnd();
		expect(await this.#countListed(), "jobs that their owners find in their lists").toBe(jobs);
		const { fault } = this.#options;
		const [looks, kills, faults] = [this.#looks, this.#kills, this.#faults];
		const violations = this.audit.violations.length;
		report({ fault, store: this.address.store, jobs, steps, kills, faults, looks, violations, seed: this.seed });
		this.#expectNone();
		const answered = this.audit.accepted.size + this.audit.refused.size;
		expect(answered, "orders that were answered").toBeGreaterThanOrEqual(this.#orders.length);
		expect(this.audit.accepted.size, "orders that were accepted").toBeGreaterThan(this.#orders.length / 4);
		expect(kills + faults, "faults").toBeGreaterThan(0);
		expect(looks, "looks at the living database").toBeGreaterThan(0);
	}

	/** Ends everything that is left, and removes what was made. */
	async remove(): Promise<void> {
		for (const app of this.#apps) await app.kill().catch(() => "it had ended already");
		await this.#stopLooking();
		const { address } = this;
		if (address.store === "postgres") await askPostgres(address.url, `DROP SCHEMA IF EXISTS ${address.schema} CASCADE`);
		rmSync(this.folder, { recursive: true, force: true });
	}

	/** As the store lists them: what is in no list is lost to its owner. */
	async #countListed(): Promise<number> {
		const store = openStore(this.address);
		const lists = await Promise.all(owners.map((viewer) => store.listJobs({ viewer, limit: 1_000_000 })));
		await store.close();
		return lists.flat().length;
	}

	#expectNone(): void {
		expect(this.audit.violations, `seed ${this.seed}`).toEqual([]);
	}

	async #keepLooking(): Promise<void> {
		await pause(lookEveryMs);
		while (!this.#isOver) {
			if (await this.audit.look()) this.#looks++;
			await pause(lookEveryMs);
		}
	}

	async #stopLooking(): Promise<void> {
		this.#isOver = true;
		await this.#looking;
	}
}
