import { isFinal } from "../core/status.ts";
import { audit, auditMidway } from "./audit.testsuite.ts";
import type { Connection, SimulatedDatabase } from "./database.testsuite.ts";
import { GeneratedJobs } from "./generated-jobs.testsuite.ts";
import { People } from "./people.testsuite.ts";
import { type CommitFault, SimulatedProcess, timing } from "./simulated-process.testsuite.ts";
import { SimulatedStore } from "./simulated-store.testsuite.ts";
import { Witness } from "./witness.testsuite.ts";
import { Actor, type Violation, World } from "./world.testsuite.ts";

/** What became of a schedule. */
export interface Outcome {
	readonly seed: number;
	readonly violation: Violation | undefined;
	/** The same for two schedules that went alike, event by event. */
	readonly hash: string;
	readonly events: number;
	/** Jobs that were accepted. */
	readonly jobs: number;
	/** Line by line, where it was asked for. */
	readonly story: readonly string[] | undefined;
}

export interface ScheduleOptions {
	readonly seed: number;
	readonly database: SimulatedDatabase;
	/** Default false: it costs more than the schedule. */
	readonly keepsStory?: boolean;
}

/** People and faults do what they do within this time; afterwards the jobs have until their deadlines. */
const troubleMs = 5_000;
/** The longest that anything is frozen or away. */
const longestTroubleMs = 2 * timing.leaseMs;
/** How long a job may wait in the queue: no longer than the trouble, or so long that one living worker gets to it. */
const queueTimeouts = { short: 3_000, patient: 60_000 };
/** How far the clocks of the machines are apart, where they are. */
const skewMs = 600;

const faults = { kill: 4, freeze: 3, commit: 5, away: 2, jump: 1 };

/**
 * One schedule: a few processes on one database, a few jobs, and trouble, all of it from the seed.
 *
 *     trouble (5 s) ─ heal: one process lives, nothing fails any more ─ every job final ─ viewers are up to date ─ they resume ─ audit
 */
class Schedule {
	readonly world: World;
	readonly #database: SimulatedDatabase;
	readonly #witness: Witness;
	readonly #jobs: GeneratedJobs;
	readonly #people: People;
	readonly #faults = new Actor("faults");
	readonly #auditor = new Actor("auditor");
	readonly #processes: SimulatedProcess[] = [];
	readonly #latencyMs: number;
	readonly #skewMs: number;
	readonly #queueTimeoutMs: number;
	#isCalm = false;
	#begun = 0;

	constructor({ seed, database, keepsStory = false }: ScheduleOptions) {
		this.world = new World(seed, keepsStory);
		this.#database = database;
		const { world } = this;
		const { chance } = world;
		const distance = chance.weighted({ here: 60, near: 35, far: 5 });
		this.#latencyMs =
			distance === "here" ? 0 : distance === "near" ? chance.between(1, 30) : chance.between(200, 1_500);
		this.#skewMs = chance.is(0.3) ? skewMs : 0;
		this.#queueTimeoutMs = chance.is(0.3) ? queueTimeouts.short : queueTimeouts.patient;
		this.#witness = new Witness(world, this.#skewMs === 0);
		const queueTimeoutMs = this.#queueTimeoutMs;
		this.#jobs = new GeneratedJobs({ world, witness: this.#witness, queueTimeoutMs, isCalm: () => this.#isCalm });
		this.#people = new People({
			world,
			witness: this.#witness,
			isFar: this.#latencyMs > 0,
			anyProcess: () => this.#anyProcess(),
			stop: (process) => this.#stop(process),
		});
		world.add(this.#people);
		world.add(this.#faults);
		world.add(this.#auditor);
		world.betweenEvents.push(...[...database.connections, database.auditor].map(({ endTurn }) => endTurn));
	}

	async run(): Promise<Outcome> {
		const { world } = this;
		try {
			await this.#play();
		} catch (error) {
			// A row that is not where the witness knows it to be, for one: whatever it was, the seed is to be told.
			world.fail(0, `could not be seen to its end: ${String(error)}`);
		}
		for (const process of this.#processes) process.kill();
		const { seed, violation, hash, events, story } = world;
		return { seed, violation, hash, events, jobs: this.#witness.jobs.size, story };
	}

	async #play(): Promise<void> {
		const { world } = this;
		const { chance } = world;
		this.#database.backend.empty();
		for (let count = chance.between(2, 4); count > 0; count--) this.#begin();
		this.#people.plan(troubleMs);
		this.#planFaults();
		for (let count = chance.below(3); count > 0; count--) {
			world.after(this.#auditor, chance.below(troubleMs), () => void auditMidway({ world, database: this.#database }));
		}
		const troubleEnds = world.now + troubleMs;
		await world.run(() => this.#isOver(), troubleEnds);
		this.#heal();
		await this.#finish();
		if (!world.violation) await this.#showLiveViewers();
		if (!world.violation) await this.#resumeViewers();
		if (world.violation) return;
		const isPatient = this.#queueTimeoutMs === queueTimeouts.patient;
		const { viewers } = this.#people;
		await audit({ world, witness: this.#witness, database: this.#database, viewers, isPatient });
	}

	/** Nobody wants anything any more, and nothing is left to be done. */
	#isOver(): boolean {
		const { now } = this.world;
		const isQuiet = (actor: Actor) => actor.nextAt(now) === Number.POSITIVE_INFINITY;
		return isQuiet(this.#people) && isQuiet(this.#faults) && this.#isSettled();
	}

	/** Nobody waits for an answer, and every job is final. */
	#isSettled(): boolean {
		return !this.#people.isWaiting && this.#witness.active.length === 0;
	}

	#begin(): SimulatedProcess {
		const { world } = this;
		const connection = this.#freeConnection();
		const ahead = this.#skewMs === 0 ? 0 : world.chance.between(-this.#skewMs, this.#skewMs);
		const process = world.add(new SimulatedProcess(`p${++this.#begun}`, world, connection, ahead));
		const options = { world, process, connection, witness: this.#witness, latencyMs: this.#latencyMs };
		const concurrency = world.chance.pick([1, 2, 4]);
		process.begin(this.#jobs.definitions, new SimulatedStore(options).asStore(), concurrency);
		this.#processes.push(process);
		process.defer(() => void process.runtime.start().catch(() => {}));
		return process;
	}

	/** None that a living process has: news come to a connection, and would no longer come to that process. */
	#freeConnection(): Connection {
		const { connections } = this.#database;
		const next = (this.#begun + 1) % connections.length;
		const inTurn = [...connections.slice(next), ...connections.slice(0, next)];
		const used = new Set(this.#processes.filter(({ isAlive }) => isAlive).map(({ connection }) => connection));
		const free = inTurn.find((connection) => !used.has(connection));
		if (!free) throw new Error("No connection is left.");
		return free;
	}

	get #working(): SimulatedProcess[] {
		return this.#processes.filter((process) => process.isAlive && !process.isStopping);
	}

	#anyProcess(): SimulatedProcess | undefined {
		const living = this.#processes.filter((process) => process.isAlive);
		return living.length > 0 ? this.world.chance.pick(living) : undefined;
	}

	/** In good order, as at a deploy. */
	#stop(process: SimulatedProcess): void {
		const { world } = this;
		world.note(`${process.name} is stopped`);
		process.isStopping = true;
		const graceMs = world.chance.below(2_000);
		void process.runtime.stop({ graceMs }).then(
			() => {
				world.note(`${process.name} has stopped`);
				process.kill();
			},
			(error: unknown) => world.fail(0, `${process.name} could not stop: ${String(error)}`),
		);
		this.#begin();
	}

	#planFaults(): void {
		const { world } = this;
		for (let count = world.chance.below(5); count > 0; count--) {
			const fault = world.chance.weighted(faults);
			world.after(this.#faults, world.chance.below(troubleMs), () => this.#strike(fault));
		}
	}

	#strike(fault: keyof typeof faults): void {
		const { world } = this;
		const { chance } = world;
		const process = this.#anyProcess();
		if (!process) return;
		world.note(`${fault} ${process.name}`);
		if (fault === "kill") this.#kill(process);
		else if (fault === "freeze") process.frozenUntil = world.now + chance.below(longestTroubleMs);
		else if (fault === "away") process.storeAwayUntil = world.now + chance.below(longestTroubleMs);
		else if (fault === "jump") process.skewMs += this.#skewMs === 0 ? 0 : chance.between(-this.#skewMs, this.#skewMs);
		else {
			const what: readonly CommitFault[] = ["refused", "unheard", "dies-before", "dies-after"];
			process.commitFault = chance.pick(what);
			if (process.commitFault.startsWith("dies")) this.#replaceLater();
		}
	}

	#kill(process: SimulatedProcess): void {
		process.kill();
		this.#replaceLater();
	}

	#replaceLater(): void {
		const { world } = this;
		if (world.chance.is(0.7)) world.after(this.#faults, world.chance.below(2_000), () => void this.#begin());
	}

	/** From now on one process lives at least, and nothing fails. */
	#heal(): void {
		const { world } = this;
		world.note("healed");
		this.#isCalm = true;
		this.#faults.kill();
		for (const process of this.#processes) {
			process.frozenUntil = 0;
			process.storeAwayUntil = 0;
			process.commitFault = undefined;
			if (world.chance.is(0.3)) process.kill();
		}
		if (this.#working.length === 0) this.#begin();
	}

	/** Every accepted job is final by its deadline plus one sweep. A queued one's deadline is set anew by its claim. */
	async #finish(): Promise<void> {
		const { world } = this;
		const isDone = () => this.#isSettled();
		const slackMs = timing.sweepEveryMs + 2 * this.#skewMs + 4 * this.#latencyMs + 1;
		for (let round = 0; round < 3 && !isDone() && !world.violation; round++) {
			const deadline = await this.#latestDeadline();
			await world.run(isDone, Math.max(world.now, deadline) + slackMs);
		}
		const late = this.#witness.active.map(({ id, status }) => `${id} ${status}`);
		world.check(6, late.length === 0, () => `past their deadlines: ${late.join(", ")}`);
		world.check(0, !this.#people.isWaiting, () => "somebody asked and was never answered");
	}

	async #latestDeadline(): Promise<number> {
		let latest = 0;
		for (const { id, owner } of this.#witness.active) {
			const { job } = await this.#database.auditor.store.readJob(owner, id);
			if (!isFinal(job.status)) latest = Math.max(latest, job.deadlineAt);
		}
		return latest;
	}

	/** Who still watches is shown everything where they are, with their process's next sweep at the latest. */
	async #showLiveViewers(): Promise<void> {
		const { world } = this;
		const unshown = () => this.#people.viewers.flatMap((viewer) => viewer.unshown());
		const patienceMs = timing.sweepEveryMs + 40 * this.#latencyMs;
		await world.run(() => unshown().length === 0, world.now + patienceMs);
		const waiting = world.violation === undefined ? unshown() : [];
		world.check(8, waiting.length === 0, () => `watched, and not shown: ${waiting.join(", ")}`);
	}

	/** Everybody comes back with their cursor, and is shown what they have missed. */
	async #resumeViewers(): Promise<void> {
		const { world } = this;
		const { viewers } = this.#people;
		const process = world.chance.pick(this.#working);
		const losing = () =>
			[...this.#jobs.hanging].filter(
				(run) => run.process.isAlive && !run.signal.aborted && !this.#witness.holds(run.jobId, run.leaseToken ?? ""),
			);
		for (const viewer of viewers) viewer.connect(process);
		const areReady = () => viewers.every((viewer) => viewer.isReady);
		const patienceMs = timing.leaseMs + 40 * this.#latencyMs;
		await world.run(() => areReady() && losing().length === 0, world.now + patienceMs);
		world.check(8, world.violation !== undefined || areReady(), () => "a viewer who came back was never up to date");
		const unaware = losing().map(({ jobId, process: { name } }) => `${name} of job ${jobId}`);
		world.check(5, unaware.length === 0, () => `lost their leases and were not told: ${unaware.join(", ")}`);
	}
}

/** Runs one schedule from its seed to its end. */
export function runSchedule(options: ScheduleOptions): Promise<Outcome> {
	return new Schedule(options).run();
}
