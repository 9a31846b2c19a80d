import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Job, Step } from "./job.ts";
import { etaOf, type KindHistory, progressOf } from "./progress.ts";
import { type JobStatus, jobStatuses, stepStatuses } from "./status.ts";

const row: Job = {
	id: "0000000000000000000000",
	kind: "generate-plushie",
	owner: "ada",
	subject: null,
	idempotencyKey: null,
	status: "running",
	waitsFor: null,
	priority: 0,
	runAt: 0,
	input: {},
	output: null,
	error: null,
	price: 1,
	held: 1,
	charged: 0,
	charge: "on-success",
	runningPerOwner: null,
	timeoutMs: 300_000,
	attempt: 1,
	maxAttempts: 5,
	leaseToken: null,
	leaseExpiresAt: null,
	deadlineAt: 300_000,
	progress: null,
	message: null,
	change: 1,
	createdAt: 0,
	startedAt: 0,
	finishedAt: null,
};

function stepsOf(statuses: readonly Step["status"][]): Step[] {
	return statuses.map((status, i) => ({
		name: `step-${i}`,
		position: i,
		status,
		attempts: 1,
		output: null,
		error: null,
		preview: null,
		startedAt: 0,
		finishedAt: null,
	}));
}

const history: fc.Arbitrary<KindHistory | undefined> = fc.option(
	fc.record({ steps: fc.nat(200), durationMs: fc.nat(600_000) }),
	{ nil: undefined },
);
const steps = fc.array(fc.constantFrom(...stepStatuses), { maxLength: 60 }).map(stepsOf);
const reported = fc.option(fc.double({ min: 0, max: 100, noNaN: true }));
const status = fc.constantFrom(...jobStatuses);

describe("progress", () => {
	test("lies between 0 and 100, and is 100 exactly when the job is completed", () => {
		fc.assert(
			fc.property(status, reported, steps, history, (status: JobStatus, progress, steps, history) => {
				const percent = progressOf({ ...row, status, progress }, steps, history);
				expect(percent).toBeGreaterThanOrEqual(0);
				expect(percent).toBeLessThanOrEqual(100);
				expect(percent === 100).toBe(status === "completed");
			}),
		);
	});

	test("never falls when one more step is complete", () => {
		fc.assert(
			fc.property(fc.nat(60), history, (done, history) => {
				const after = (count: number) => progressOf(row, stepsOf(Array(count).fill("completed")), history);
				expect(after(done + 1)).toBeGreaterThanOrEqual(after(done));
			}),
		);
	});

	test("is what the job's own code says, unless its steps are further: it never falls", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 99 }), steps, history, (progress, steps, history) => {
				const bySteps = progressOf({ ...row, progress: null }, steps, history);
				expect(progressOf({ ...row, progress }, steps, history)).toBe(Math.max(progress, bySteps));
			}),
		);
	});

	test("is the same on a job that failed as it was before", () => {
		fc.assert(
			fc.property(reported, steps, history, (progress, steps, history) => {
				const before = progressOf({ ...row, progress }, steps, history);
				expect(progressOf({ ...row, status: "failed", progress }, steps, history)).toBe(before);
			}),
		);
	});

	test("counts completed steps against what jobs of the kind usually take", () => {
		const three = stepsOf(["completed", "completed", "running"]);
		expect(progressOf(row, three, { steps: 5, durationMs: 1 })).toBe(40);
	});

	test("does not jump while nothing is known of the kind, and never counts more steps than it has done as all", () => {
		expect(progressOf(row, stepsOf(["completed", "running"]), undefined)).toBe(10);
		const twelve = stepsOf(Array.from({ length: 12 }, () => "completed" as const));
		expect(progressOf(row, twelve, undefined)).toBe(92);
	});
});

describe("the estimate of what is left", () => {
	test("is unknown for a kind that never completed, and for a job that is final", () => {
		expect(etaOf(row, undefined, 0)).toBeUndefined();
		for (const status of ["completed", "failed", "cancelled"] as const) {
			expect(etaOf({ ...row, status }, { steps: 5, durationMs: 1_000 }, 0)).toBeUndefined();
		}
	});

	test("is never negative and never grows while the job runs", () => {
		fc.assert(
			fc.property(fc.nat(600_000), fc.nat(900_000), fc.nat(60_000), (durationMs, elapsed, more) => {
				const now = etaOf(row, { steps: 1, durationMs }, elapsed) as number;
				const later = etaOf(row, { steps: 1, durationMs }, elapsed + more) as number;
				expect(later).toBeGreaterThanOrEqual(0);
				expect(later).toBeLessThanOrEqual(now);
			}),
		);
	});

	test("of a job that waits is the whole usual duration", () => {
		expect(etaOf({ ...row, status: "queued", startedAt: null }, { steps: 5, durationMs: 8_000 }, 99_999)).toBe(8_000);
	});
});
