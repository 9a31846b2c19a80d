import type { Clock } from "../core/clock.ts";
import { DarkroomError, toFailure } from "../core/errors.ts";
import type { JobSnapshot, JobWithSteps } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import { isFinal } from "../core/status.ts";
import type { Change, Store } from "../store/store.ts";
import type { JobAssets } from "./context.ts";
import type { AnyJobDefinition } from "./define-job.ts";
import { resultsOf } from "./results.ts";

export interface CleanupOptions {
	readonly store: Store;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly definitions: ReadonlyMap<string, AnyJobDefinition>;
	readonly assetsOf: (owner: string) => JobAssets;
	readonly toSnapshot: (job: JobWithSteps) => Promise<JobSnapshot>;
	/** Tells providers what the job has left with them. Never rejects. */
	readonly cancelAbandoned: (definition: AnyJobDefinition, ended: JobWithSteps) => Promise<void>;
}

/**
 * Cleans up after each job that this process saw fail or be cancelled, whoever decided it: its own code, the sweeper, its
 * owner, a newer submit. What it left with providers is cancelled, and its definition's `onFailure` called if it failed. By
 * then its end is committed and the credits are settled, so an error in here changes nothing.
 */
export class Cleanup {
	readonly #options: CleanupOptions;
	readonly #underWay = new Set<Promise<void>>();

	constructor(options: CleanupOptions) {
		this.#options = options;
	}

	onChange(changes: readonly Change[]): void {
		for (const change of changes) {
			if (!change.hasEnded || change.status === "completed") continue;
			const definition = this.#options.definitions.get(change.kind);
			if (!definition) continue;
			const work: Promise<void> = this.#clean(change, definition).finally(() => this.#underWay.delete(work));
			this.#underWay.add(work);
		}
	}

	/** Resolves when nothing is being cleaned up, or after `graceMs`: an app's code that hangs must not hold up a stop. */
	async idle(graceMs: number): Promise<void> {
		if (this.#underWay.size === 0 || graceMs <= 0) return;
		await new Promise<void>((resolve) => {
			const cancel = this.#options.clock.after(graceMs, resolve);
			void this.#allDone().then(cancel).then(resolve);
		});
	}

	async #allDone(): Promise<void> {
		while (this.#underWay.size > 0) await Promise.all(this.#underWay);
	}

	async #clean({ owner, jobId, kind }: Change, definition: AnyJobDefinition): Promise<void> {
		const { store, logger, cancelAbandoned } = this.#options;
		try {
			const found = await store.readJob(owner, jobId);
			// Another owner's now, or tried again already: there is nothing to clean up.
			if (!isFinal(found.job.status)) return;
			await Promise.all([cancelAbandoned(definition, found), this.#callOnFailure(found, definition)]);
		} catch (error) {
			logger.error({ jobId, kind, err: error as Error }, "clean-up failed");
		}
	}

	async #callOnFailure(found: JobWithSteps, definition: AnyJobDefinition): Promise<void> {
		const { logger, assetsOf, toSnapshot } = this.#options;
		const { job, steps } = found;
		const { id: jobId, kind, owner } = job;
		if (job.status !== "failed" || !definition.onFailure) return;
		try {
			const { code, message, retryable } = job.error ?? toFailure(undefined);
			await definition.onFailure({
				job: await toSnapshot(found),
				input: job.input,
				error: new DarkroomError(code, { detail: message, retryable }),
				results: resultsOf(steps),
				assets: assetsOf(owner),
				log: (text, fields) => logger.info({ jobId, kind, ...fields }, text),
			});
		} catch (error) {
			logger.error({ jobId, kind, err: error as Error }, "onFailure failed");
		}
	}
}
