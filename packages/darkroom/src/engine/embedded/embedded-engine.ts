import { toMs } from "../../core/duration.ts";
import type { Change } from "../../store/store.ts";
import type { Engine, EngineChoice, EngineParts, Ticked } from "../engine.ts";
import { Upkeep } from "../upkeep.ts";
import type { EmbeddedOptions } from "./options.ts";
import { Workers } from "./workers.ts";

/** The engine that needs no server, with its settings. */
export function embeddedEngine(options: EmbeddedOptions): EngineChoice {
	return {
		name: "embedded",
		longWait: options.longWait ?? "5s",
		create: (parts) => new EmbeddedEngine(parts, options),
	};
}

/** Drives jobs in the app's own process. Timers are the upkeep's; everything else happens because of news. */
class EmbeddedEngine implements Engine {
	readonly offers: Workers;
	readonly #parts: EngineParts;
	readonly #upkeep: Upkeep;
	readonly #works: boolean;
	#stopListening: readonly (() => void)[] = [];

	constructor(parts: EngineParts, settings: EmbeddedOptions) {
		const { definitions } = parts;
		const concurrency = settings.concurrency ?? 50;
		const leaseMs = toMs(settings.lease ?? "30s");
		const workers = new Workers({ ...parts, kinds: () => [...definitions.keys()], concurrency, leaseMs });
		this.#parts = parts;
		this.#works = concurrency > 0;
		this.offers = workers;
		this.#upkeep = new Upkeep({
			...parts,
			leaseMs,
			sweepEveryMs: toMs(settings.sweepEvery ?? "1s"),
			keepUploadsMs: toMs(settings.keepUploads ?? "24h"),
			heartbeat: () => workers.held.heartbeat(),
			heartbeatIfLate: () => workers.held.heartbeatIfLate(),
			onSwept: () => workers.wake(),
		});
	}

	start(): void {
		if (this.#upkeep.isRunning || !this.#works) return;
		const { store } = this.#parts;
		this.#stopListening = [
			store.onChange((changes) => {
				for (const change of changes) this.#onChange(change);
			}),
			store.onElsewhere((news) => void this.offers.onElsewhere(news)),
		];
		this.#upkeep.start();
		this.offers.wake();
	}

	#onChange(change: Change): void {
		const { jobId, kind, status, revokedLeaseToken } = change;
		if (revokedLeaseToken && status === "queued") {
			this.#parts.logger.warn({ jobId, kind }, "job taken back from its worker");
		}
		this.offers.onChange(change);
	}

	/** Claims no more, waits, then hands back what is unfinished. */
	async stop(graceMs: number): Promise<void> {
		this.offers.close();
		await this.offers.idle(graceMs);
		await this.offers.handBack();
		this.#upkeep.stop();
		for (const stop of this.#stopListening) stop();
	}

	/** Works until nothing is due or the time is up. What still runs then goes on while this process lives. */
	async tick(budgetMs: number): Promise<Ticked> {
		const { clock } = this.#parts;
		const endsAt = clock.now() + budgetMs;
		const before = this.offers.claimed;
		// Each sweep sets the workers to claiming; they go on until they find nothing.
		await this.#upkeep.sweepAll();
		await this.offers.idle(endsAt - clock.now());
		return { claimed: this.offers.claimed - before, remaining: this.offers.isBusy };
	}

	confirmLeases(): Promise<void> {
		return this.offers.held.heartbeat();
	}
}
