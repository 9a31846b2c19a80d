import type { Images } from "../assets/images.ts";
import { noAssets } from "../assets/no-assets.ts";
import type { Clock } from "../core/clock.ts";
import { createIds } from "../core/ids.ts";
import { type Logger, silentLogger } from "../core/logger.ts";
import { createAssetLibrary } from "../engine/asset-library.ts";
import type { AnyJobDefinition } from "../engine/define-job.ts";
import { embeddedEngine } from "../engine/embedded/embedded-engine.ts";
import { Runtime } from "../engine/runtime.ts";
import { classify } from "../models/failure.ts";
import type { Models } from "../models/models.ts";
import type { Store } from "../store/store.ts";
import type { Connection } from "./database.testsuite.ts";
import { Actor, type World } from "./world.testsuite.ts";

/** Short, so that a schedule sees leases run out, sweeps and deadlines within seconds of its own time. */
export const timing = { leaseMs: 2_000, sweepEveryMs: 3_000, longWaitMs: 700 };

/** Bytes of chance a process draws at a time: it lives for a few jobs. */
const chancePool = 64;

function unused(): never {
	throw new Error("The simulation has no models and no pictures.");
}

const models: Models = { describe: unused, bind: unused, classify };
const images: Images = { prepare: unused, resize: unused, types: unused };

/**
 * A process of the app: the real runtime, with a clock, an event loop and a store that the world owns. Killed, it leaves
 * its promises unsettled and its memory behind; frozen, it finds afterwards that time has passed.
 */
export class SimulatedProcess extends Actor {
	readonly clock: Clock;
	readonly connection: Connection;
	readonly #world: World;
	/** How far its clock is ahead of the world's, in ms. */
	skewMs: number;
	/** Until then its store cannot be reached. */
	storeAwayUntil = 0;
	/** It claims no more, and will be gone. */
	isStopping = false;
	/** What becomes of its next commit. */
	commitFault: CommitFault | undefined;
	#runtime: Runtime | undefined;

	constructor(name: string, world: World, connection: Connection, skewMs: number) {
		super(name);
		this.connection = connection;
		this.#world = world;
		this.skewMs = skewMs;
		this.clock = {
			now: () => world.now + this.skewMs,
			after: (delayMs, callback) => (this.isAlive ? world.after(this, delayMs, callback) : () => {}),
		};
	}

	get runtime(): Runtime {
		if (!this.#runtime) throw new Error(`${this.name} has not begun.`);
		return this.#runtime;
	}

	begin(jobs: readonly AnyJobDefinition[], store: Store, concurrency: number): void {
		const { clock, defer } = this;
		const { chance } = this.#world;
		const logger = this.#loggerInto();
		this.#runtime = new Runtime({
			jobs,
			store,
			library: createAssetLibrary({ store, assets: noAssets, images, clock, logger, uploadLimitBytes: 0 }),
			models,
			clock,
			logger,
			uploadLimitBytes: 0,
			engine: embeddedEngine({
				concurrency,
				lease: timing.leaseMs,
				sweepEvery: timing.sweepEveryMs,
				longWait: timing.longWaitMs,
			}),
			random: () => chance.real(),
			defer,
			ids: createIds((bytes) => chance.fill(bytes), chancePool),
		});
	}

	/** What a process logs is part of the story, where one is kept. */
	#loggerInto(): Logger {
		const { story } = this.#world;
		if (!story) return silentLogger;
		const note = (fields: object, message: string) => {
			const { err, ...rest } = fields as { readonly err?: Error };
			story.push(`       ${this.name}| ${message} ${JSON.stringify(rest)} ${err?.message ?? ""}`);
		};
		return { ...silentLogger, info: note, warn: note, error: note };
	}
}

/**
 * - `refused`: nothing is committed, and the callers hear that the store is not available.
 * - `unheard`: it is committed, and they hear the same.
 * - `dies-before`, `dies-after`: the process is killed at that moment.
 */
export type CommitFault = "refused" | "unheard" | "dies-before" | "dies-after";
