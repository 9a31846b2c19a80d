import { afterEach } from "vitest";
import { z } from "zod";
import type { JobSnapshot } from "../../core/job.ts";
import type { LogFields, Logger } from "../../core/logger.ts";
import { silentLogger } from "../../core/logger.ts";
import { isFinal } from "../../core/status.ts";
import type { Store } from "../../store/store.ts";
import type { RunContext } from "../context.ts";
import type { Darkroom } from "../darkroom.ts";
import { type AnyJobDefinition, defineJob, type JobDefinition, type JobSpec } from "../define-job.ts";
import { type CreateDatabase, createSqliteDatabase, type EngineDatabase } from "./databases.testsuite.ts";
import { createPausableClock, type PausableClock } from "./pausable-clock.testsuite.ts";
import { awaited, settle } from "./settle.testsuite.ts";

/** What a suite asks of an engine: the rest is its own business. */
export interface EngineOptions {
	readonly jobs: readonly AnyJobDefinition[];
	readonly store: Store;
	readonly clock: PausableClock;
	readonly logger: Logger;
	/** Jobs at a time. */
	readonly concurrency: number;
	/** How long a claim holds without a sign of life, in ms. */
	readonly leaseMs: number;
}

/** An engine for one test: what its processes share is made with it, and ends with it. */
export interface EngineUnderTest {
	/**
	 * Which attempt of a job ends it, when the process of its first one has died: the second, or the same one where a service
	 * that knows the run goes on with it.
	 */
	readonly attemptAfterCrash: 1 | 2;
	/** How much later than they are due things may come, in ms, where time is not moved by hand. Default 0. */
	readonly lateMs?: number;
	/** Of a process. Default: one that stands still until it is moved, at the time where the latest one stands. */
	readonly createClock?: () => PausableClock;
	/** A process of its own. */
	open(options: EngineOptions): EngineProcess;
	/** When no process is open any more. */
	close?(): Promise<void>;
	/** Resolves when everything has gone as far as it comes without time moving. Default: when no store has anything to answer. */
	readonly settle?: () => Promise<void>;
}

export interface EngineProcess {
	readonly darkroom: Darkroom;
	/** It is no more: what was on its way to it or from it is cut off. */
	crash?(): void;
}

export type CreateEngine = () => EngineUnderTest;

/** How a suite comes by its rig, in a `describe`: which engine, on which database, is the caller's business. */
export type CreateRig = () => Rig;

/** A process of the test: a Darkroom with its own connection to the database and its own clock. */
export interface Process {
	readonly darkroom: Darkroom;
	readonly clock: PausableClock;
	/** Messages and fields of what it logged. */
	readonly logged: readonly { readonly message: string; readonly fields: LogFields }[];
	/** Ends it as a crash does: nothing is handed back, and its clock stands still for ever. */
	crash(): Promise<void>;
}

export interface OpenOptions {
	readonly jobs: readonly AnyJobDefinition[];
	/** Default 50. */
	readonly concurrency?: number;
	/** Default: one of its own. */
	readonly clock?: PausableClock;
	/** What is to stand between it and its own connection. Default: nothing. */
	readonly store?: (own: Store) => Store;
}

export const leaseMs = 30_000;
export const owner = "ada";

/** An empty database for each test, made when its first process opens it, any number of processes, and nothing left of them. */
export class Rig {
	readonly #create: CreateEngine;
	readonly #createDatabase: CreateDatabase;
	readonly #open = new Set<Process>();
	#database: EngineDatabase | undefined;
	#engine: EngineUnderTest | undefined;
	#clock: PausableClock | undefined;

	private constructor(create: CreateEngine, createDatabase: CreateDatabase) {
		this.#create = create;
		this.#createDatabase = createDatabase;
	}

	/** To be called in a file or a `describe`. `createDatabase`: what each test runs on. Default: a SQLite file. */
	static use(create: CreateEngine, createDatabase: CreateDatabase = createSqliteDatabase): Rig {
		const rig = new Rig(create, createDatabase);
		afterEach(() => rig.close());
		return rig;
	}

	open({ jobs, concurrency = 50, clock: given, store: between = (own) => own }: OpenOptions) {
		this.#database ??= this.#createDatabase();
		this.#engine ??= this.#create();
		const { createClock = () => createPausableClock(this.#clock?.now(), this.#engine?.settle) } = this.#engine;
		const clock = given ?? createClock();
		// What a test holds back on purpose is not waited for.
		const store = between(awaited(this.#database.connect()));
		const logged: { message: string; fields: LogFields }[] = [];
		const note = (fields: LogFields, message: string) => void logged.push({ fields, message });
		const isLevelEnabled = (level: string) => level !== "debug";
		const logger = { ...silentLogger, info: note, warn: note, error: note, isLevelEnabled };
		const { darkroom, crash } = this.#engine.open({ jobs, store, clock, logger, concurrency, leaseMs });
		this.#clock = clock;
		const process: Process = {
			darkroom,
			clock,
			logged,
			crash: async () => {
				this.#open.delete(process);
				crash?.();
				if (!given) clock.halt?.();
				await store.close();
			},
		};
		this.#open.add(process);
		return process;
	}

	get attemptAfterCrash(): 1 | 2 {
		this.#engine ??= this.#create();
		return this.#engine.attemptAfterCrash;
	}

	/** How much later than they are due things may come, in ms. */
	get lateMs(): number {
		this.#engine ??= this.#create();
		return this.#engine.lateMs ?? 0;
	}

	/** Lets everything go as far as it comes without time moving. */
	settle(): Promise<void> {
		return this.#engine?.settle?.() ?? settle();
	}

	/** Ends what is open. The next process begins on an empty database, also within one test. */
	async close(): Promise<void> {
		for (const { darkroom, clock } of this.#open) await clock.until(darkroom.stop({ graceMs: 0 }));
		this.#open.clear();
		this.#clock = undefined;
		await this.#engine?.close?.();
		this.#engine = undefined;
		await this.#database?.remove();
		this.#database = undefined;
	}
}

type Spec = JobSpec<string, z.ZodAny, z.ZodAny>;

/** A definition of which only what matters is written down. */
export function job(
	kind: string,
	run: (context: RunContext<unknown>) => unknown,
	rest: Partial<Spec> = {},
): JobDefinition<string, unknown, unknown, unknown> {
	return defineJob({ kind, input: z.any(), output: z.any(), run: async (context) => run(context), ...rest });
}

/** Resolves with the first state of the owner's job that is wanted, past ones included. */
export function seen(
	{ darkroom }: Pick<Process, "darkroom">,
	wanted: (job: JobSnapshot) => boolean,
	viewer = owner,
): Promise<JobSnapshot> {
	return new Promise((resolve, reject) => {
		const watch = darkroom.watch({
			viewer,
			cursor: 0,
			onJob: (snapshot) => {
				if (!wanted(snapshot)) return;
				resolve(snapshot);
				queueMicrotask(() => watch.stop());
			},
			onEnd: () => reject(new Error("The watch ended before the job was so.")),
		});
	});
}

/** The job when it is final. */
export function final(process: Pick<Process, "darkroom">, { id }: { readonly id: string }, viewer = owner) {
	return seen(process, (job) => job.id === id && isFinal(job.status), viewer);
}

/** All of an owner's jobs when this many are final, by one watch however many they are. */
export async function finals(process: Pick<Process, "darkroom">, count: number, viewer = owner) {
	const ended = new Map<string, JobSnapshot>();
	await seen(
		process,
		(job) => {
			if (isFinal(job.status)) ended.set(job.id, job);
			return ended.size === count;
		},
		viewer,
	);
	return [...ended.values()];
}

/** Submits, moves time as far as it takes, and gives the final job. */
export async function runToEnd(process: Process, definition: AnyJobDefinition, input: unknown = {}) {
	const { darkroom, clock } = process;
	const submitted = await darkroom.submit(definition, { owner, input });
	return clock.until(final(process, submitted));
}

/** A promise that a test resolves from elsewhere. */
export function signal<Value = void>() {
	return Promise.withResolvers<Value>();
}

/** For code that never comes to an end. */
export const never = new Promise<never>(() => {});
