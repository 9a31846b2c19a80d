import type { Inngest, InngestFunction } from "inngest";
import { toMs } from "../../core/duration.ts";
import type { Change } from "../../store/store.ts";
import type { Engine, EngineParts, Offers, Ticked } from "../engine.ts";
import { HeldRuns } from "../held-runs.ts";
import { Upkeep } from "../upkeep.ts";
import { Calls } from "./calls.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createFunctions } from "./functions.ts";
import type { InngestOptions } from "./options.ts";

/** No submit may bring its own run along: Inngest begins them all. */
const noOffers: Offers = { offer: () => null, take() {}, giveBack() {} };

/**
 * Drives jobs through Inngest: our store says which job may run, Inngest when and where its code is called. Any number of
 * processes may send events and answer calls; what they do is decided by the store, fenced by the id of the run.
 *
 *     submit ─► queue = outbox ─ event ─► Inngest ─ call ─► beginRun ─► steps, each recorded under the fence ─► completeJob
 *                    ▲                       │ forgot, crashed, away
 *                    └─ lease ran out: sweep ┘
 *
 * What Inngest loses, our sweeper finds: an event, since its job still waits; a run, since its lease runs out; an end,
 * since the job's deadline passes here.
 */
export class InngestEngine implements Engine {
	readonly offers = noOffers;
	readonly client: Inngest.Any;
	readonly #parts: EngineParts;
	readonly #settings: InngestOptions;
	readonly #leaseMs: number;
	readonly #held: HeldRuns;
	readonly #calls: Calls;
	readonly #dispatcher: Dispatcher;
	readonly #upkeep: Upkeep;
	#stopListening: readonly (() => void)[] = [];
	#functions: InngestFunction.Any[] | undefined;

	constructor(parts: EngineParts, settings: InngestOptions) {
		const { client } = settings;
		const { clock, definitions } = parts;
		const leaseMs = toMs(settings.lease ?? "1m");
		this.client = client;
		this.#parts = parts;
		this.#settings = settings;
		this.#leaseMs = leaseMs;
		this.#held = new HeldRuns({ ...parts, leaseMs });
		this.#calls = new Calls(this.#held, clock, leaseMs);
		const resendAfterMs = toMs(settings.resendAfter ?? "10s");
		this.#dispatcher = new Dispatcher({ ...parts, client, kinds: () => [...definitions.keys()], resendAfterMs });
		this.#upkeep = new Upkeep({
			...parts,
			leaseMs,
			sweepEveryMs: toMs(settings.sweepEvery ?? "1s"),
			keepUploadsMs: toMs(settings.keepUploads ?? "24h"),
			heartbeat: () => this.confirmLeases(),
			heartbeatIfLate: () => this.#heartbeatIfLate(),
			onSwept: () => void this.#dispatcher.flush(),
		});
	}

	/** What `serve` is given. The definitions that there are when it is asked first. */
	get functions(): InngestFunction.Any[] {
		const { client, maxRuntime = "50s" } = this.#settings;
		const calls = { ...this.#parts, calls: this.#calls, leaseMs: this.#leaseMs };
		this.#functions ??= createFunctions({ ...calls, client, maxRuntimeMs: toMs(maxRuntime) });
		return this.#functions;
	}

	start(): void {
		if (this.#upkeep.isRunning) return;
		const { store } = this.#parts;
		this.#stopListening = [
			store.onChange((changes) => {
				for (const change of changes) this.#onChange(change);
			}),
			store.onElsewhere((news) => {
				void this.#held.onElsewhere(news);
				if (news.claimable) void this.#dispatcher.flush();
			}),
		];
		this.#upkeep.start();
	}

	#onChange(change: Change): void {
		if (change.movedLeaseToken) this.#held.move(change.movedLeaseToken, change.owner);
		this.#held.onChange(change);
		this.#dispatcher.onChange(change);
	}

	async stop(graceMs: number): Promise<void> {
		await this.#calls.close(graceMs);
		this.#upkeep.stop();
		for (const stop of this.#stopListening) stop();
		await this.#dispatcher.idle();
	}

	/** Sweeps, and sends what is due. The jobs themselves run when Inngest calls. */
	async tick(): Promise<Ticked> {
		await this.#upkeep.sweepAll();
		return { claimed: await this.#dispatcher.flush(), remaining: false };
	}

	confirmLeases(): Promise<void> {
		this.#calls.forgetIdle();
		return this.#held.heartbeat();
	}

	#heartbeatIfLate(): Promise<void> {
		this.#calls.forgetIdle();
		return this.#held.heartbeatIfLate();
	}
}
