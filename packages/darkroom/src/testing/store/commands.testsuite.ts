import fc from "fast-check";
import { isDarkroomError } from "../../core/errors.ts";
import { newLeaseToken } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Run, Submitted } from "../../store/store.ts";
import { ownersRefusals } from "./owners-refusals.testsuite.ts";
import { codeOf, failure, leaseOf, type StoreRig } from "./rig.testsuite.ts";
import { RunRig } from "./run-rig.testsuite.ts";

export const owners = ["ada", "bob"] as const;
export const runningLimit = 2;
export const activeLimit = 6;

const pick = fc.nat({ max: 999 });
const owner = fc.constantFrom(...owners);
const subject = fc.constantFrom("story:1", "story:2");
const steps = ["upload", "draw", "finish"] as const;

const submit = fc.record({
	type: fc.constant("submit"),
	owner,
	subject: fc.option(subject),
	idempotencyKey: fc.option(fc.constantFrom("k1", "k2")),
	price: fc.nat({ max: 4 }),
	charge: fc.constantFrom("on-success", "on-start"),
	isLimited: fc.boolean(),
	delayMs: fc.constantFrom(0, 0, 20_000),
	isOffered: fc.boolean(),
	staleAfterMs: fc.option(fc.constant(50_000)),
});
const work = fc.record({
	type: fc.constant("work"),
	pick,
	what: fc.constantFrom("start", "completeStep", "failStep", "progress", "release", "sleep", "complete", "fail"),
	step: fc.constantFrom(...steps),
	due: fc.nat({ max: 5 }),
});

const run = fc.record({
	type: fc.constant("run"),
	pick,
	what: fc.constantFrom("begin", "begin", "begin", "cancel", "fail"),
	due: fc.nat({ max: 5 }),
});

/** Anything that may happen to a store: by owners, by two workers (one of them late), by a service and its runs, by the sweeper, and by time. */
export const command = fc.oneof(
	{ weight: 6, arbitrary: submit },
	{ weight: 4, arbitrary: fc.record({ type: fc.constant("claim"), limit: fc.integer({ min: 1, max: 4 }) }) },
	{ weight: 8, arbitrary: work },
	{ weight: 3, arbitrary: fc.record({ type: fc.constant("dispatch"), limit: fc.constantFrom(1, 100) }) },
	{ weight: 5, arbitrary: run },
	{ weight: 1, arbitrary: fc.record({ type: fc.constant("heartbeat") }) },
	{
		weight: 3,
		arbitrary: fc.record({
			type: fc.constant("ask"),
			what: fc.constantFrom("cancel", "retry", "retry", "delete"),
			pick,
		}),
	},
	{ weight: 1, arbitrary: fc.record({ type: fc.constant("clear"), owner, subject }) },
	{
		weight: 2,
		arbitrary: fc.record({ type: fc.constant("grant"), owner, amount: fc.integer({ min: -4, max: 9 }), key: pick }),
	},
	{ weight: 1, arbitrary: fc.record({ type: fc.constant("transfer"), from: owner }) },
	{
		weight: 2,
		arbitrary: fc.record({ type: fc.constant("advance"), ms: fc.constantFrom(1_000, 20_000, 31_000, 70_000) }),
	},
	{ weight: 3, arbitrary: fc.record({ type: fc.constant("sweep"), limit: fc.constantFrom(1, 100) }) },
);
export type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays commands on a store. Leases that were lost are kept and used on: that is what a late worker does. */
export class Player {
	readonly rig: StoreRig;
	/** Every job as it was claimed. */
	readonly leases: Job[] = [];
	readonly jobs = new Map<string, { readonly id: string; owner: string }>();
	/** One for each event that was sent, as often as it was; most of them are late. */
	readonly #runs: Run[] = [];
	readonly #service: RunRig;

	constructor(rig: StoreRig) {
		this.rig = rig;
		this.#service = new RunRig(rig);
	}

	async play(command: Command): Promise<void> {
		const { rig } = this;
		const { store, now } = rig;
		switch (command.type) {
			case "submit":
				return this.#submit(command);
			case "claim": {
				for (const { job } of await rig.claim({ limit: command.limit })) this.leases.push(job);
				return;
			}
			case "work":
				return this.#work(command);
			case "dispatch": {
				for (const one of await this.#service.take({ limit: command.limit })) this.#runs.push(this.#service.runOf(one));
				return;
			}
			case "run":
				return this.#run(command);
			case "heartbeat": {
				const lost = new Set(await store.extendLeases(this.leases.map(leaseOf), now + 30_000));
				for (const job of this.leases) await this.#expectHeld(job, !lost.has(leaseOf(job).leaseToken));
				return;
			}
			case "ask":
				return this.#ask(command);
			case "clear":
				await tolerate(store.clearSubject({ viewer: command.owner, subject: command.subject, now }));
				return;
			case "grant":
				await tolerate(
					store.grantCredits({ owner: command.owner, amount: command.amount, key: `${command.key}`, now }),
				);
				return;
			case "transfer": {
				const to = command.from === "ada" ? "bob" : "ada";
				await store.transferOwner({ from: command.from, to, now });
				for (const job of this.jobs.values()) job.owner = to;
				return;
			}
			case "advance":
				rig.now += command.ms;
				return;
			case "sweep":
				await rig.sweep(command.limit);
		}
	}

	async #submit(command: Extract<Command, { type: "submit" }>): Promise<void> {
		const { rig } = this;
		const { isLimited, isOffered, delayMs, type: _, ...given } = command;
		const submitted: Submitted | undefined = await tolerate(
			rig.submitted({
				...given,
				runAt: rig.now + delayMs,
				queueTimeoutMs: 100_000,
				timeoutMs: 90_000,
				runningPerOwner: runningLimit,
				activePerOwner: isLimited ? activeLimit : null,
				offer: isOffered ? { leaseToken: newLeaseToken(), leaseExpiresAt: rig.now + 30_000 } : null,
			}),
		);
		if (!submitted) return;
		const { job, created, claimed } = submitted;
		this.jobs.set(job.id, { id: job.id, owner: job.owner });
		if (claimed) this.leases.push(job);
		if (created && isLimited && (await rig.store.countActive(job.owner, job.kind)) > activeLimit) {
			throw new Error("More active jobs were let in than the limit says.");
		}
	}

	async #work({ what, step, due, ...command }: Extract<Command, { type: "work" }>): Promise<void> {
		const { rig } = this;
		const { store, now } = rig;
		const job = this.leases[command.pick % this.leases.length];
		if (!job) return;
		const isHeld = await this.#isHeld(job);
		const known = isHeld ? await store.listSteps(leaseOf(job)) : [];
		const isDone = known.some(({ name, status }) => name === step && status === "completed");
		const position = steps.indexOf(step);
		const calls: Record<typeof what, () => Promise<void>> = {
			start: () => store.startStep(rig.stepStart(job, step, { position })),
			completeStep: () => rig.completeStep(job, step, `by ${job.leaseToken} at ${now}`, { position }),
			failStep: () => store.failStep({ ...rig.stepCompletion(job, step, null, { position }), error: failure }),
			progress: () => store.reportProgress({ ...leaseOf(job), progress: due, message: null, now }),
			release: () => rig.release(job),
			sleep: () => rig.release(job, now + 15_000),
			complete: () => rig.complete(job, due),
			fail: () => rig.fail(job, due),
		};
		if (!isHeld) {
			const code = await codeOf(calls[what]());
			if (code !== "lease_lost") throw new Error(`A late ${what} was refused with ${code}.`);
		} else if (isDone) {
			// Whether writing a completed step again is refused or ignored is the store's choice; that it stays is not.
			await calls[what]().catch((error: unknown) => {
				if (!isDarkroomError(error, "lease_lost")) throw error;
			});
		} else await calls[what]();
	}

	async #run({ what, due, ...command }: Extract<Command, { type: "run" }>): Promise<void> {
		const run = this.#runs[command.pick % this.#runs.length];
		if (!run) return;
		const isIts = await this.rig.store.readRun(run);
		if (what !== "begin") {
			const isBefore = isIts?.job.waitsFor === "worker" && what === "fail";
			const ended = await this.#service.end(run, what === "cancel" ? "cancelled" : failure, due);
			if ((ended !== null) !== (isIts !== null && !isBefore))
				throw new Error(`The end of a run of ${run.jobId} was wrong.`);
			return;
		}
		const { claimed } = await this.#service.begin(run);
		// A run that sleeps may find its owner's places taken.
		const waits = isIts?.job.waitsFor === "time" && claimed === null;
		if ((claimed !== null) !== (isIts !== null && !waits))
			throw new Error(`A run of ${run.jobId} wrongly got its job, or not.`);
		if (!claimed) return;
		await this.#expectHeld(claimed.job, true);
		if (!this.leases.some(({ leaseToken }) => leaseToken === run.leaseToken)) this.leases.push(claimed.job);
	}

	async #ask(command: Extract<Command, { type: "ask" }>): Promise<void> {
		const known = [...this.jobs.values()];
		const job = known[command.pick % known.length];
		if (!job) return;
		const { store } = this.rig;
		const request = this.rig.asOwner(job);
		if (command.what === "cancel") await tolerate(store.cancelJob(request));
		else if (command.what === "retry") await tolerate(store.retryJob({ ...request, activePerOwner: null }));
		else await tolerate(store.deleteJob(request));
	}

	async #isHeld(job: Job): Promise<boolean> {
		const owner = this.jobs.get(job.id)?.owner ?? job.owner;
		const found = await this.rig.store.readJob(owner, job.id).catch(() => undefined);
		return found?.job.leaseToken === job.leaseToken;
	}

	async #expectHeld(job: Job, isHeld: boolean): Promise<void> {
		if ((await this.#isHeld(job)) !== isHeld) throw new Error(`Lease of ${job.id}: the heartbeat said ${isHeld}.`);
	}
}

async function tolerate<Value>(promise: Promise<Value>): Promise<Value | undefined> {
	try {
		return await promise;
	} catch (error) {
		if (isDarkroomError(error) && ownersRefusals.includes(error.code)) return undefined;
		throw error;
	}
}
