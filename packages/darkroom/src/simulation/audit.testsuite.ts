import type { JobWithSteps } from "../core/job.ts";
import { isFinal } from "../core/status.ts";
import type { Store } from "../store/store.ts";
import type { SimulatedDatabase } from "./database.testsuite.ts";
import { deliveredOf, isPage } from "./generated-jobs.testsuite.ts";
import { owners } from "./people.testsuite.ts";
import type { Viewer } from "./viewer.testsuite.ts";
import type { Witness, WitnessedJob } from "./witness.testsuite.ts";
import type { World } from "./world.testsuite.ts";

export interface AuditOptions {
	readonly world: World;
	readonly witness: Witness;
	readonly database: SimulatedDatabase;
	readonly viewers: readonly Viewer[];
	/** Whether jobs may wait so long that a living worker gets to each of them. */
	readonly isPatient: boolean;
}

/** When all is over: what the rows say against what was witnessed. */
export async function audit({ world, witness, database, viewers, isPatient }: AuditOptions): Promise<void> {
	const { store } = database.auditor;
	const rows = new Map<string, JobWithSteps>();
	for (const owner of owners) {
		for (const found of await store.listJobs({ viewer: owner, limit: 1_000 })) {
			world.check(7, found.job.owner === owner, () => `${owner} was listed job ${found.job.id} of ${found.job.owner}`);
			rows.set(found.job.id, found);
		}
	}
	auditJobs(world, witness, rows);
	for (const { job } of rows.values()) {
		const isForgotten = isPatient && job.error?.code === "timed_out" && job.startedAt === null;
		world.check(6, !isForgotten, () => `job ${job.id} waited until its deadline, and a worker lived`);
	}
	auditEntries(world, witness, database, rows);
	await auditBalances(world, witness, database, store);
	for (const viewer of viewers) auditViewer(world, viewer, rows);
}

/** In the midst of it: at every moment the books balance, and nobody waits for a place that is free. */
export async function auditMidway({ world, database }: Pick<AuditOptions, "world" | "database">): Promise<void> {
	const { store } = database.auditor;
	const sums = new Map(database.backend.sumsByOwner().map((sum) => [sum.owner, sum]));
	for (const owner of owners) {
		const { posted, held, available } = await store.readBalance(owner);
		const jobs = (await store.listJobs({ viewer: owner, limit: 1_000 })).map(({ job }) => job);
		const reserved = jobs.reduce((sum, job) => sum + job.held, 0);
		const booked = sums.get(owner) ?? { posted: 0, held: 0 };
		world.check(2, available >= 0, () => `${owner} has ${available} available`);
		world.check(2, held === reserved, () => `${owner} has ${held} held, and ${reserved} are for jobs`);
		const isBooked = booked.posted === posted && booked.held === held;
		world.check(2, isBooked, () => `${owner} has ${posted} and ${held} held, and entries of ${JSON.stringify(booked)}`);
		for (const { id, kind, waitsFor, runningPerOwner } of jobs) {
			if (waitsFor !== "owner") continue;
			const taken = jobs.filter((one) => one.kind === kind && (one.leaseToken !== null || one.waitsFor === "worker"));
			const isFull = taken.length >= (runningPerOwner ?? 0);
			world.check(6, isFull, () => `job ${id} waits for a place of ${owner}'s, and one is free`);
		}
	}
}

/** Nothing that was accepted is lost, nothing that was refused has come to be. */
function auditJobs(world: World, witness: Witness, rows: ReadonlyMap<string, JobWithSteps>): void {
	for (const job of witness.jobs.values()) {
		const found = rows.get(job.id);
		if (job.isDeleted) world.check(0, !found, () => `job ${job.id} was deleted and is there`);
		else if (found) auditJob(world, job, found);
		else world.fail(6, `job ${job.id} was accepted and is gone`);
	}
	for (const id of rows.keys()) world.check(1, witness.jobs.has(id), () => `job ${id} was never accepted and is there`);
}

function auditJob(world: World, known: WitnessedJob, { job, steps }: JobWithSteps): void {
	world.check(6, isFinal(job.status), () => `job ${job.id} is ${job.status} at the end`);
	world.check(2, job.held === 0, () => `job ${job.id} is ${job.status} and ${job.held} credits are still held`);
	world.check(0, job.owner === known.owner, () => `job ${job.id} is ${job.owner}'s and not ${known.owner}'s`);
	for (const [name, output] of known.completed) {
		const kept = steps.find((step) => step.name === name);
		const isKept = kept?.status === "completed" && JSON.stringify(kept.output) === output;
		world.check(4, isKept, () => `step ${name} of job ${job.id} gave ${output}, and ${JSON.stringify(kept)} is kept`);
	}
	const output = job.status === "completed" ? JSON.stringify(job.output) : null;
	if (output !== null) {
		world.check(5, output === known.output, () => `job ${job.id} gave ${known.output}, and ${output} is kept`);
	}
	auditPrice(world, { job, steps }, known.paid);
}

/** What was delivered is what is charged. */
function auditPrice(world: World, { job, steps }: JobWithSteps, paid: number): void {
	let due = job.status === "completed" ? job.price : 0;
	if (job.kind === "pages" && job.status === "completed") due = deliveredOf((job.output as unknown[]).length);
	if (job.kind === "pages" && job.status === "cancelled") {
		// A step that completes between the look at what was delivered and the cancel is the owner's gain.
		due = Math.min(
			job.charged,
			deliveredOf(steps.filter(({ name, status }) => isPage(name) && status === "completed").length),
		);
	}
	// What was charged for a cancelled life stays, or is given back where nothing was left to be held for the next.
	const isRight = job.charged === due || job.charged === Math.max(due, paid);
	world.check(2, isRight, () => `job ${job.id} is ${job.status}: ${job.charged} charged, ${due} due`);
}

/** Each hold was resolved once: what a job reserved and took adds up to what its row says. */
function auditEntries(
	world: World,
	witness: Witness,
	database: SimulatedDatabase,
	rows: ReadonlyMap<string, JobWithSteps>,
): void {
	for (const { jobId, posted, held } of database.backend.sumsByJob()) {
		const isKnown = witness.jobs.has(jobId);
		world.check(1, isKnown, () => `credits moved for job ${jobId}, which was never accepted`);
		// Of a deleted job the ledger keeps what it cost under its owner alone.
		const charged = rows.get(jobId)?.job.charged;
		if (charged === undefined) continue;
		world.check(2, held === 0, () => `entries of job ${jobId} leave ${held} held`);
		world.check(2, posted + charged === 0, () => `job ${jobId} is charged ${charged}, and its entries say ${-posted}`);
	}
}

async function auditBalances(world: World, witness: Witness, database: SimulatedDatabase, store: Store): Promise<void> {
	let posted = 0;
	for (const sum of database.backend.sumsByOwner()) {
		const balance = await store.readBalance(sum.owner);
		posted += balance.posted;
		const isSame = sum.posted === balance.posted && sum.held === balance.held;
		world.check(2, isSame, () => `${sum.owner} has ${JSON.stringify(balance)}, and entries of ${JSON.stringify(sum)}`);
		world.check(2, balance.available >= 0, () => `${sum.owner} has ${balance.available} available`);
		world.check(2, balance.held === 0, () => `${sum.owner} has ${balance.held} held, and no job is active`);
	}
	const charged = database.backend.sumsByOwner().length > 0 ? witness.granted - posted : 0;
	world.check(2, charged >= 0, () => `${posted} credits are there, and ${witness.granted} were granted`);
}

/** A viewer who came back has seen each of their jobs as it is now. */
function auditViewer(world: World, viewer: Viewer, rows: ReadonlyMap<string, JobWithSteps>): void {
	for (const { job } of rows.values()) {
		if (job.owner !== viewer.owner || job.change <= viewer.since) continue;
		const seen = viewer.seen.get(job.id);
		world.check(
			8,
			seen === job.change,
			() => `${viewer.owner} saw ${job.id} as of ${seen}, and it is ${job.change} now`,
		);
	}
}
