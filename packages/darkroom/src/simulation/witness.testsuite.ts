import { isDarkroomError } from "../core/errors.ts";
import type { Job, JobWithSteps } from "../core/job.ts";
import { isActive, type JobStatus } from "../core/status.ts";
import type { Change, Claimed, Lease, StepCompletion, Submission, Submitted } from "../store/store.ts";
import type { SimulatedProcess } from "./simulated-process.testsuite.ts";
import type { StoreCall } from "./store-call.testsuite.ts";
import type { World } from "./world.testsuite.ts";

/** A job as the witness knows it: from what the stores answered and told, not from their rows. */
export interface WitnessedJob {
	readonly id: string;
	owner: string;
	/** Everyone whose it ever was. */
	readonly owners: Set<string>;
	kind: string;
	price: number;
	runAt: number;
	runningPerOwner: number | null;
	subject: string | null;
	/** In credits, when its owner cancelled it last, for what it had delivered by then. */
	paid: number;
	status: JobStatus;
	version: number;
	/** The lease that may write; null when there is none. */
	leaseToken: string | null;
	/** What each completed step returned, as JSON. */
	readonly completed: Map<string, string>;
	/** Of the completion that was committed. */
	output: string | null;
	isDeleted: boolean;
}

/** The names of worker's calls that its lease has to allow. */
const fenced = new Set<string>([
	"startStep",
	"completeStep",
	"failStep",
	"reportProgress",
	"releaseJob",
	"completeJob",
	"failJob",
]);
/** Of those, what is refused to the holder of the lease for no reason but a fault of the store. */
const neverRefused = new Set<string>(["releaseJob", "completeJob", "failJob"]);

/**
 * Sees every commit of every process as it happens, faults or not, keeps its own account, and says when a promise does
 * not hold. It knows the interface of the store and nothing of its tables.
 */
export class Witness {
	readonly jobs = new Map<string, WitnessedJob>();
	/** Sums of what was granted, all owners together. */
	granted = 0;
	/** Changes that were told of, so far. */
	changes = 0;
	/** The newest change of each owner. */
	readonly latest = new Map<string, number>();
	readonly #world: World;
	readonly #isPunctual: boolean;
	readonly #keys = new Map<string, string>();
	readonly #grants = new Set<string>();
	/** When a lease ends, as its worker was last told. */
	readonly #expiries = new Map<string, number>();

	/** @param isPunctual whether all clocks agree, so that nothing may happen before its time. */
	constructor(world: World, isPunctual: boolean) {
		this.#world = world;
		this.#isPunctual = isPunctual;
	}

	get active(): WitnessedJob[] {
		return [...this.jobs.values()].filter((job) => !job.isDeleted && isActive(job.status));
	}

	/** The leases among those of a worker's call that are their jobs' at this moment; undefined for who needs none. */
	leasesHeld({ method, args }: Pick<StoreCall, "method" | "args">): ReadonlySet<string> | undefined {
		if (!fenced.has(method) && method !== "extendLeases") return undefined;
		const leases = (method === "extendLeases" ? args[0] : [args[0]]) as readonly Lease[];
		return new Set(leases.filter((one) => this.holds(one.jobId, one.leaseToken)).map((one) => one.leaseToken));
	}

	holds(jobId: string, leaseToken: string): boolean {
		return this.jobs.get(jobId)?.leaseToken === leaseToken;
	}

	/** A commit's changes, in the moment of the commit. Within it their numbers may come in any order. */
	changed(changes: readonly Change[]): void {
		this.changes += changes.length;
		const places = new Set<string>();
		const before = new Map(this.latest);
		for (const change of changes) {
			const { owner, jobId, status, kind, movedLeaseToken } = change;
			this.#world.note(`${jobId} ${change.change} ${status} ${owner}`);
			const latest = before.get(owner) ?? 0;
			const grows = change.change > latest;
			this.#world.check(8, grows, () => `job ${jobId} changed as ${change.change}, after ${latest} of the same owner`);
			this.latest.set(owner, Math.max(this.latest.get(owner) ?? 0, change.change));
			const job = this.#jobOf(change);
			job.owner = owner;
			job.owners.add(owner);
			job.status = status;
			job.version = change.change;
			// Claimed, it may have become another owner's before the claim was answered.
			if (movedLeaseToken) job.leaseToken = movedLeaseToken;
			if (status !== "running") job.leaseToken = null;
			else places.add(`${owner} ${kind}`);
		}
		for (const place of places) this.#checkRunning(place);
	}

	#jobOf({ jobId, owner, kind, status }: Change): WitnessedJob {
		const known = this.jobs.get(jobId);
		if (known) return known;
		const job: WitnessedJob = {
			...{ id: jobId, owner, owners: new Set([owner]), kind, status, version: 0, leaseToken: null },
			...{ price: 0, paid: 0, runAt: 0, runningPerOwner: null, subject: null },
			...{ completed: new Map(), output: null, isDeleted: false },
		};
		this.jobs.set(jobId, job);
		return job;
	}

	#checkRunning(place: string): void {
		let running = 0;
		let limit = Number.POSITIVE_INFINITY;
		for (const job of this.jobs.values()) {
			if (job.status !== "running" || job.isDeleted || `${job.owner} ${job.kind}` !== place) continue;
			running++;
			limit = Math.min(limit, job.runningPerOwner ?? limit);
		}
		this.#world.check(3, running <= limit, () => `${running} jobs run for ${place}, and ${limit} may`);
	}

	/** A call was answered by the store; what is held is of the moment before its commit. */
	committed(process: SimulatedProcess, call: StoreCall, answer: unknown): void {
		const { method, args } = call;
		this.#world.note(`${method} done`);
		if (fenced.has(method) && call.held?.size === 0) {
			this.#world.fail(5, `${process.name} wrote ${method} to job ${(args[0] as Lease).jobId} without its lease`);
		}
		if (method === "submitJob") this.#submitted(call, answer as Submitted);
		else if (method === "claimJobs") for (const one of answer as Claimed[]) this.#claimed(one.job, process);
		else if (method === "completeStep") this.#completedStep(args[0] as StepCompletion);
		else if (method === "completeJob") this.#of(args[0] as Lease).output = (args[0] as { output: string }).output;
		else if (method === "extendLeases") this.#extended(call, answer as string[]);
		else if (method === "cancelJob") this.#cancelled((answer as JobWithSteps).job);
		else if (method === "retryJob") this.#checkSubject((answer as JobWithSteps).job);
		else if (method === "deleteJob") this.#of(args[0] as { jobId: string }).isDeleted = true;
		else if (method === "transferOwner") this.#transferred(args[0] as { from: string; to: string });
		else if (method === "grantCredits") this.#grantedTo(args[0] as { owner: string; key: string; amount: number });
	}

	refused(process: SimulatedProcess, call: StoreCall, error: unknown): void {
		this.#world.note(`${call.method} refused: ${(error as Error).message}`);
		const { method, isAlone, changes } = call;
		this.#world.check(1, !isAlone || changes === 0, () => `${method} was refused, and left ${changes} changes behind`);
		if (!isDarkroomError(error)) this.#world.fail(0, `${call.method} threw ${String(error)}`);
		else if (call.isAlone && call.held?.size === 1 && neverRefused.has(call.method)) {
			this.#world.fail(5, `${process.name} holds the lease, and ${call.method} was refused: ${error.message}`);
		}
	}

	#of({ jobId }: { readonly jobId: string }): WitnessedJob {
		const job = this.jobs.get(jobId);
		if (!job) throw new Error(`No change ever told of job ${jobId}.`);
		return job;
	}

	#submitted({ args, isAlone }: StoreCall, { job: row, created }: Submitted): void {
		const { idempotencyKey, owner, activePerOwner } = args[0] as Submission;
		const key = `${owner} ${idempotencyKey}`;
		const known = idempotencyKey === null ? undefined : this.jobs.get(this.#keys.get(key) ?? "");
		if (known && !known.isDeleted) {
			const isSame = !created && row.id === known.id;
			this.#world.check(1, isSame, () => `the key of job ${known.id} made job ${row.id} too`);
		}
		if (!created) return;
		if (idempotencyKey !== null) this.#keys.set(key, row.id);
		const job = this.#of({ jobId: row.id });
		job.price = row.price;
		job.runAt = row.runAt;
		job.runningPerOwner = row.runningPerOwner;
		job.subject = row.subject;
		this.#checkSubject(row);
		if (row.status === "running") this.#leased(row);
		if (activePerOwner === null || !isAlone || !this.#isNewest(row)) return;
		const active = this.active.filter((one) => one.owner === job.owner && one.kind === job.kind).length;
		this.#world.check(1, active <= activePerOwner, () => `${active} ${job.kind} jobs active, ${activePerOwner} may be`);
	}

	#cancelled({ id, status, charged }: Job): void {
		if (status === "cancelled") this.#of({ jobId: id }).paid = charged;
	}

	/** Whether nothing of the same turn came after this state of a job, such as another owner's jobs. */
	#isNewest({ id, owner, change }: Job): boolean {
		return this.latest.get(owner) === change && this.#of({ jobId: id }).version === change;
	}

	#checkSubject(row: Job): void {
		const { id, owner, subject, status } = this.#of({ jobId: row.id });
		if (subject === null || !isActive(status) || !this.#isNewest(row)) return;
		const other = this.active.find((one) => one.id !== id && one.owner === owner && one.subject === subject);
		this.#world.check(
			3,
			other === undefined,
			() => `jobs ${id} and ${other?.id} are both active for ${owner}'s ${subject}`,
		);
	}

	#claimed(row: Job, process: SimulatedProcess): void {
		this.#leased(row);
		const isDue = !this.#isPunctual || row.runAt <= this.#world.now;
		this.#world.check(0, isDue, () => `${process.name} claimed job ${row.id} before its time`);
	}

	#leased(row: Job): void {
		const job = this.#of({ jobId: row.id });
		// In the same turn a sweep, or its owner, may have taken it away again.
		if (job.version === row.change) job.leaseToken = row.leaseToken;
		if (row.leaseToken !== null) this.#expiries.set(row.leaseToken, row.leaseExpiresAt ?? 0);
		this.#checkRunning(`${job.owner} ${job.kind}`);
	}

	#completedStep({ jobId, name, output }: StepCompletion): void {
		const { completed } = this.#of({ jobId });
		const before = completed.get(name);
		// The very same is asked for again by whoever lost the answer; each time that a step runs it returns something else.
		const isSound = before === undefined || before === output;
		this.#world.check(4, isSound, () => `step ${name} of job ${jobId} was completed again: ${output}`);
		completed.set(name, output);
	}

	#extended({ args, isAlone, held }: StoreCall, lost: readonly string[]): void {
		const [leases] = args as [readonly Lease[], number];
		for (const { jobId, leaseToken } of leases) {
			const isKept = !lost.includes(leaseToken);
			if (isKept === held?.has(leaseToken) || !isAlone) continue;
			this.#world.fail(5, `the lease ${leaseToken} of job ${jobId} was ${isKept ? "extended" : "called lost"} wrongly`);
		}
	}

	/** The worker was told: these leases now last until then. */
	heardOfExtension({ args }: StoreCall, lost: readonly string[]): void {
		const [leases, leaseExpiresAt] = args as [readonly Lease[], number];
		for (const { leaseToken } of leases) if (!lost.includes(leaseToken)) this.#expiries.set(leaseToken, leaseExpiresAt);
	}

	/** Keys that the new owner uses already are dropped from what moves in; so are subjects, and none is checked again. */
	#transferred({ from, to }: { readonly from: string; readonly to: string }): void {
		for (const job of this.active) if (job.owner === to && job.owners.has(from)) job.subject = null;
		for (const [key, jobId] of [...this.#keys]) {
			if (from === to || !key.startsWith(`${from} `)) continue;
			this.#keys.delete(key);
			const moved = `${to} ${key.slice(from.length + 1)}`;
			const known = this.jobs.get(this.#keys.get(moved) ?? "");
			if (!known || known.isDeleted) this.#keys.set(moved, jobId);
		}
	}

	#grantedTo({ owner, key, amount }: { readonly owner: string; readonly key: string; readonly amount: number }): void {
		if (this.#grants.has(`${owner} ${key}`)) return;
		this.#grants.add(`${owner} ${key}`);
		this.granted += amount;
	}

	/** A step's code begins, under this lease. */
	stepBegins(process: SimulatedProcess, lease: Pick<Job, "id" | "leaseToken">, step: string): void {
		const job = this.jobs.get(lease.id);
		if (!job || job.isDeleted) return;
		const isHolder = lease.leaseToken !== null && job.leaseToken === lease.leaseToken;
		const ends = this.#expiries.get(lease.leaseToken ?? "") ?? Number.NEGATIVE_INFINITY;
		const done = job.completed.has(step);
		this.#world.note(`step ${step} of ${lease.id} begins`);
		this.#world.check(4, !(isHolder && done), () => `step ${step} of job ${job.id} runs again, after its completion`);
		// Within its lease a worker may believe that it has it; afterwards it has to ask first.
		const isWithin = isHolder || process.clock.now() < ends;
		this.#world.check(4, isWithin, () => `${process.name} began step ${step} of job ${job.id} past its lease, unasked`);
	}

	/** A step's result reached the job's code. */
	stepReturned(jobId: string, step: string, result: unknown): void {
		const job = this.jobs.get(jobId);
		if (!job || job.isDeleted) return;
		const kept = job.completed.get(step);
		const given = JSON.stringify(result);
		this.#world.check(4, kept === given, () => `step ${step} of job ${jobId} gave ${given}, and ${kept} is kept`);
	}
}
