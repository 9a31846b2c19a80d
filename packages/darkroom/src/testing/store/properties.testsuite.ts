import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobWithSteps } from "../../core/job.ts";
import { isActive, isFinal } from "../../core/status.ts";
import { command, owners, Player, runningLimit } from "./commands.testsuite.ts";
import { type CreateStore, StoreRig } from "./rig.testsuite.ts";

export function describeProperties(create: CreateStore): void {
	describe("whatever happens, in whatever order", () => {
		const rig = StoreRig.use(create);
		const sequences = fc.array(command, { minLength: 20, maxLength: 60, size: "max" });

		test("credits add up, limits hold, steps stay, versions grow, and every job comes to its end", async () => {
			let run = 0;
			await fc.assert(
				fc.asyncProperty(sequences, async (commands) => {
					if (run++ > 0) await rig.renew();
					const player = new Player(rig);
					const witness = new Witness(rig);
					for (const owner of owners) await rig.grant(owner, 12);
					for (const one of commands) {
						await player.play(one);
						await witness.look();
					}
					await endEverything();
					await witness.look();
				}),
				{ numRuns: 30 },
			);
		}, 300_000);

		/** Nobody works any more: time and sweeps alone must end what is left. */
		async function endEverything(): Promise<void> {
			rig.now += 1_000_000;
			await rig.sweep(1_000);
			for (const owner of owners) {
				const { jobs, balance } = await rig.everythingOf(owner);
				expect(jobs.filter(({ job }) => !isFinal(job.status))).toEqual([]);
				expect(balance.held).toBe(0);
			}
		}
	});
}

/** Looks at everything after every step, and remembers what must not change. */
class Witness {
	readonly #rig: StoreRig;
	readonly #seen = new Map<string, string>();
	readonly #cursors = new Map<string, number>();
	readonly #completed = new Map<string, string>();

	constructor(rig: StoreRig) {
		this.#rig = rig;
	}

	async look(): Promise<void> {
		for (const owner of owners) {
			const { jobs, balance, entries, sums } = await this.#rig.everythingOf(owner);
			expect(balance.available).toBeGreaterThanOrEqual(0);
			expect(balance.available).toBe(balance.posted - balance.held);
			expect(jobs.reduce((sum, { job }) => sum + job.held, 0)).toBe(balance.held);
			if (sums) expect(sums).toEqual({ posted: balance.posted, held: balance.held });
			for (const { posted } of entries) expect(posted).not.toBe(0);
			for (const found of jobs) this.#lookAtJob(found);
			this.#lookAtLimits(jobs);
			await this.#lookAtChanges(owner, jobs);
		}
	}

	#lookAtJob({ job, steps }: JobWithSteps): void {
		expect(job.held + job.charged).toBeLessThanOrEqual(job.price);
		if (isFinal(job.status)) expect(job.held).toBe(0);
		expect(job.status === "running").toBe(job.leaseToken !== null);
		expect(job.status === "queued").toBe(job.waitsFor !== null);
		for (const step of steps) {
			const key = `${job.id} ${step.name}`;
			const kept = this.#completed.get(key);
			if (kept !== undefined) expect(JSON.stringify(step)).toBe(kept);
			if (step.status === "completed") this.#completed.set(key, JSON.stringify(step));
		}
	}

	#lookAtLimits(jobs: readonly JobWithSteps[]): void {
		const active = jobs.filter(({ job }) => isActive(job.status));
		const places = active.filter(({ job }) => job.status === "running" || job.waitsFor === "worker");
		expect(places.length).toBeLessThanOrEqual(runningLimit);
		// Nobody waits for a place that is free.
		if (places.length < runningLimit) expect(active.filter(({ job }) => job.waitsFor === "owner")).toEqual([]);
		const subjects = active.map(({ job }) => job.subject).filter((subject) => subject !== null);
		expect(new Set(subjects).size).toBe(subjects.length);
	}

	/** The jobs that are not as they were are exactly those that a watcher is shown, each in a newer version. */
	async #lookAtChanges(owner: string, jobs: readonly JobWithSteps[]): Promise<void> {
		const { store } = this.#rig;
		const cursor = this.#cursors.get(owner) ?? 0;
		const shown = await store.listChanges(owner, cursor, 1_000);
		const changed = jobs.filter((found) => this.#seen.get(found.job.id) !== textOf(found));
		expect(shown.map(({ job }) => job.id).sort()).toEqual(changed.map(({ job }) => job.id).sort());
		let last = cursor;
		for (const { job } of shown) {
			expect(job.change).toBeGreaterThan(last);
			last = job.change;
		}
		for (const found of jobs) this.#seen.set(found.job.id, textOf(found));
		this.#cursors.set(owner, await store.readCursor(owner));
		expect(await store.listChanges(owner, await store.readCursor(owner), 1)).toEqual([]);
	}
}

/** A heartbeat is no change that anyone is told of. */
function textOf({ job, steps }: JobWithSteps): string {
	return JSON.stringify([{ ...job, leaseExpiresAt: null }, steps]);
}
