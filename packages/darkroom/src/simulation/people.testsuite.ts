import { isDarkroomError } from "../core/errors.ts";
import type { SubmitRequest } from "../engine/darkroom.ts";
import { ownersRefusals } from "../testing/store/owners-refusals.testsuite.ts";
import { planJob } from "./generated-jobs.testsuite.ts";
import type { SimulatedProcess } from "./simulated-process.testsuite.ts";
import { Viewer } from "./viewer.testsuite.ts";
import type { Witness } from "./witness.testsuite.ts";
import { Actor, type World } from "./world.testsuite.ts";

export const owners = ["ada", "bob", "guest"] as const;

/** Few owners and few kinds meet their limits; many meet each other. */
const casts: readonly (readonly string[])[] = [["guest"], ["ada", "guest"], owners];
const repertoires: readonly (readonly string[])[] = [
	["pages"],
	["story"],
	["pages", "story"],
	["draw", "pages", "story"],
];

/** What somebody may ask for, and how often, in a hundred. Submits come besides. */
const wishes = {
	...{ cancel: 14, clear: 8, retry: 16, remove: 8, transfer: 8, repeat: 10, peek: 8, grant: 4 },
	...{ watch: 12, unwatch: 8, tick: 4, stop: 4 },
};

/** Refusals that somebody who asks may get; anything else is a fault. */
const refusals = new Set<string>([...ownersRefusals, "store_unavailable", "stopped"]);

export interface PeopleOptions {
	readonly world: World;
	readonly witness: Witness;
	/** Whether the store is remote. */
	readonly isFar: boolean;
	/** A process that lives. */
	readonly anyProcess: () => SimulatedProcess | undefined;
	/** Ends a process in good order, and starts another for it. */
	readonly stop: (process: SimulatedProcess) => void;
}

/** The people who use the app: they submit, look, watch, change their minds and come back. */
export class People extends Actor {
	readonly viewers: Viewer[] = [];
	readonly #options: PeopleOptions;
	readonly #submitted: { readonly kind: string; readonly request: SubmitRequest }[] = [];
	/** Asked for and not answered, by the process that was asked. */
	readonly #unanswered = new Map<Promise<unknown>, SimulatedProcess>();
	/** Those who submit, and what. */
	readonly #cast: readonly string[];
	readonly #kinds: readonly string[];
	#keys = 0;

	constructor(options: PeopleOptions) {
		super("people");
		const { chance } = options.world;
		this.#options = options;
		this.#cast = chance.pick(casts);
		this.#kinds = chance.pick(repertoires);
	}

	/** An answer may still come. */
	get isWaiting(): boolean {
		for (const process of this.#unanswered.values()) if (process.isAlive) return true;
		return false;
	}

	/** Decides who asks for what and when, in the first `withinMs` of the schedule. */
	plan(withinMs: number): void {
		const { world } = this.#options;
		const { chance } = world;
		for (const owner of owners) world.after(this, 0, () => this.#grant(owner, "starter", chance.between(4, 14)));
		for (let count = chance.between(2, 6); count > 0; count--) {
			world.after(this, chance.below(withinMs / 2), () => this.#submit());
		}
		for (let count = chance.between(1, 8); count > 0; count--) {
			const wish = chance.weighted(wishes);
			world.after(this, chance.below(withinMs), () => this.#wish(wish));
		}
		if (chance.is(0.7)) world.after(this, chance.below(withinMs / 4), () => this.#watch());
	}

	#wish(wish: keyof typeof wishes): void {
		const { world, anyProcess, stop } = this.#options;
		const process = anyProcess();
		if (!process) return;
		if (wish === "repeat") this.#repeat();
		else if (wish === "peek") this.#peek(process);
		else if (wish === "watch") this.#watch();
		else if (wish === "unwatch") this.#unwatch();
		else if (wish === "stop") stop(process);
		else if (wish === "tick") this.#ask(process, "tick", process.runtime.tick(world.chance.below(500)));
		else if (wish === "grant") this.#grant(world.chance.pick(owners), "more", 3);
		else if (wish === "transfer") {
			const to = world.chance.pick(["ada", "bob"]);
			this.#ask(process, "transfer", process.runtime.transferOwner({ from: "guest", to }));
		} else this.#wishForJob(wish, process);
	}

	#wishForJob(wish: "cancel" | "clear" | "retry" | "remove", process: SimulatedProcess): void {
		const { world, witness } = this.#options;
		const jobs = [...witness.jobs.values()];
		if (jobs.length === 0) return;
		const { id: jobId, owner: viewer } = world.chance.pick(jobs);
		const { runtime } = process;
		if (wish === "cancel") this.#ask(process, "cancel", runtime.cancelJob({ viewer, jobId }));
		else if (wish === "retry") this.#ask(process, "retry", runtime.retryJob({ viewer, jobId }));
		else if (wish === "remove") this.#ask(process, "delete", runtime.deleteJob({ viewer, jobId }));
		else {
			const subject = `story:${world.chance.below(2)}`;
			this.#ask(process, "clear", runtime.clearSubject({ viewer, subject }));
		}
	}

	#submit(): void {
		const { world } = this.#options;
		const { chance } = world;
		const kind = chance.pick(this.#kinds);
		const request = {
			owner: chance.pick(this.#cast),
			input: planJob(chance),
			...(chance.is(0.5) && { idempotencyKey: `key ${this.#keys++}` }),
			...(chance.is(0.2) && { runAt: world.now + chance.below(2_000) }),
			...(chance.is(0.2) && { priority: chance.below(3) }),
		};
		this.#submitted.push({ kind, request });
		this.#send(kind, request);
	}

	/** The same once more, as after an answer that never came; without a key that is another job. */
	#repeat(): void {
		if (this.#submitted.length === 0) return;
		const { kind, request } = this.#options.world.chance.pick(this.#submitted);
		if (request.idempotencyKey !== undefined) this.#send(kind, request);
	}

	#send(kind: string, request: SubmitRequest): void {
		const { anyProcess, witness, world } = this.#options;
		const process = anyProcess();
		if (!process) return;
		const submitted = process.runtime.submit(kind, request).then((job) => {
			const known = witness.jobs.get(job.id);
			world.check(6, known !== undefined, () => `job ${job.id} was accepted and is not there`);
		});
		this.#ask(process, `submit ${kind}`, submitted);
	}

	#grant(owner: string, key: string, amount: number): void {
		const process = this.#options.anyProcess();
		if (process) this.#ask(process, "grant", process.runtime.grantCredits({ owner, key, amount }));
	}

	/** Somebody looks at what is not theirs, by its very id. */
	#peek(process: SimulatedProcess): void {
		const { world, witness } = this.#options;
		const jobs = [...witness.jobs.values()];
		if (jobs.length === 0) return;
		const job = world.chance.pick(jobs);
		const viewer = world.chance.pick([...owners, "mallory"]);
		const isTheirs = () => job.owners.has(viewer);
		const { version } = job;
		const looked = process.runtime.getJob({ viewer, jobId: job.id }).then((seen) => {
			const isFresh = seen.version >= version;
			world.check(8, isFresh, () => `${viewer} read ${seen.version} of job ${job.id}, which was ${version} before`);
			world.check(7, isTheirs(), () => `${viewer} could read job ${job.id} of ${job.owner}`);
		});
		const listed = process.runtime.listJobs({ viewer }).then(({ jobs: page }) => {
			for (const { id } of page) {
				const owner = witness.jobs.get(id);
				world.check(7, owner?.owners.has(viewer) === true, () => `${viewer} was listed job ${id} of ${owner?.owner}`);
			}
		});
		this.#ask(process, "peek", looked);
		this.#ask(process, "list", listed);
		if (!isTheirs())
			this.#ask(
				process,
				"steal",
				process.runtime.cancelJob({ viewer, jobId: job.id }).then(() => {
					world.check(7, isTheirs(), () => `${viewer} could cancel job ${job.id} of ${job.owner}`);
				}),
			);
	}

	#watch(): void {
		const { world, anyProcess } = this.#options;
		const process = anyProcess();
		if (!process) return;
		const away = this.viewers.filter((viewer) => !viewer.isConnected);
		const viewer =
			away.length > 0
				? world.chance.pick(away)
				: new Viewer({ owner: world.chance.pick(this.#cast), ...this.#options });
		if (!this.viewers.includes(viewer)) this.viewers.push(viewer);
		viewer.connect(process);
	}

	#unwatch(): void {
		if (this.viewers.length > 0) this.#options.world.chance.pick(this.viewers).disconnect();
	}

	#ask(process: SimulatedProcess, what: string, answer: Promise<unknown>): void {
		const { world } = this.#options;
		world.note(`${what} of ${process.name}`);
		this.#unanswered.set(answer, process);
		answer.then(
			() => {
				this.#unanswered.delete(answer);
				world.note(`${what}: done`);
			},
			(error: unknown) => {
				this.#unanswered.delete(answer);
				const isExpected = isDarkroomError(error) && refusals.has(error.code);
				world.note(`${what}: ${(error as Error).message}`);
				world.check(0, isExpected, () => `${what} was answered with ${String(error)}`);
			},
		);
	}
}
