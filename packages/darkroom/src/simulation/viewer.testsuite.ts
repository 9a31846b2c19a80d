import type { JobSnapshot } from "../core/job.ts";
import type { Watch } from "../engine/darkroom.ts";
import type { SimulatedProcess } from "./simulated-process.testsuite.ts";
import type { Witness } from "./witness.testsuite.ts";
import type { World } from "./world.testsuite.ts";

const comeBackMs = 100;

export interface ViewerOptions {
	readonly owner: string;
	readonly world: World;
	readonly witness: Witness;
	/** Whether the store is remote. */
	readonly isFar: boolean;
}

/** Somebody who watches their jobs, loses the connection, and comes back with the cursor. */
export class Viewer {
	readonly owner: string;
	/** Undefined until something was shown to them. */
	cursor: number | undefined;
	/** The version in which each job was shown to them last. */
	readonly seen = new Map<string, number>();
	/**
	 * What changed before is shown only where it is still going on. A viewer without a cursor begins where the store is
	 * asked: a remote one is some time after they came.
	 */
	since = 0;
	isReady = false;
	readonly #world: World;
	readonly #witness: Witness;
	readonly #isFar: boolean;
	#process: SimulatedProcess | undefined;
	#watch: Watch | undefined;
	#hasBegun = false;

	constructor({ owner, world, witness, isFar }: ViewerOptions) {
		this.owner = owner;
		this.#world = world;
		this.#witness = witness;
		this.#isFar = isFar;
	}

	get isConnected(): boolean {
		return this.#watch !== undefined && this.#process?.isAlive === true;
	}

	/** Jobs that they watch and have not been shown as they are now, in words; none for who does not watch. */
	unshown(): string[] {
		if (!this.isConnected) return [];
		if (!this.isReady) return [`${this.owner} anything`];
		const theirs = [...this.#witness.jobs.values()].filter((job) => job.owner === this.owner && !job.isDeleted);
		const unseen = theirs.filter(({ id, version }) => version > this.since && this.seen.get(id) !== version);
		return unseen.map(({ id, version }) => `${this.owner} job ${id} ${version}`);
	}

	connect(process: SimulatedProcess): void {
		this.disconnect();
		this.#process = process;
		this.isReady = false;
		if (!this.#hasBegun) this.since = this.cursor ?? Math.max(0, ...this.#witness.latest.values());
		const isMine = () => this.#process === process && process.isAlive;
		const watch = process.runtime.watch({
			viewer: this.owner,
			...(this.cursor !== undefined && { cursor: this.cursor }),
			onJob: (job, cursor) => {
				if (isMine()) this.#show(job, cursor);
			},
			onEnd: () => {
				if (!isMine()) return;
				this.#watch = undefined;
				// Late news of a move ends the watch of who has just come, too: as a browser does, they come back.
				if (!this.isReady)
					this.#world.after(process, comeBackMs, () => isMine() && !this.#watch && this.connect(process));
			},
		});
		this.#watch = watch;
		void watch.ready.then((cursor) => {
			if (!isMine() || this.#watch !== watch) return;
			this.cursor = Math.max(this.cursor ?? 0, cursor);
			this.isReady = true;
			if (!this.#hasBegun && this.#isFar) this.since = this.cursor;
			this.#hasBegun = true;
		});
	}

	disconnect(): void {
		this.#watch?.stop();
		this.#watch = undefined;
		this.#process = undefined;
	}

	#show(job: JobSnapshot, cursor: number): void {
		const { owner } = this;
		const known = this.#witness.jobs.get(job.id);
		this.#world.note(`${owner} sees ${job.id} ${job.version} ${job.status}`);
		this.#world.check(
			7,
			known?.owners.has(owner) === true,
			() => `${owner} was shown job ${job.id} of ${known?.owner}`,
		);
		const last = this.cursor ?? 0;
		this.#world.check(8, job.version > last, () => `${owner} was shown version ${job.version} after ${last}`);
		this.#world.check(8, cursor === job.version, () => `${owner} was given cursor ${cursor} with ${job.version}`);
		this.cursor = cursor;
		this.seen.set(job.id, job.version);
	}
}
