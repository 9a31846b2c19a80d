import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Job, Step } from "./job.ts";
import { etaOf, progressOf } from "./progress.ts";
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
	expectedSteps: null,
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

const expectedSteps = fc.option(fc.nat(200));
const steps = fc.array(fc.constantFrom(...stepStatuses), { maxLength: 60 }).map(stepsOf);
const reported = fc.option(fc.double({ min: 0, max: 100, noNaN: true }));
const status = fc.constantFrom(...jobStatuses);

describe("progress", () => {
	test("lies between 0 and 100, and is 100 exactly when the job is completed", () => {
		fc.assert(
			fc.property(status, reported, steps, expectedSteps, (status: JobStatus, progress, steps, expectedSteps) => {
				const percent = progressOf({ ...row, expectedSteps, status, progress }, steps);
				expect(percent).toBeGreaterThanOrEqual(0);
				expect(percent).toBeLessThanOrEqual(100);
				expect(percent === 100).toBe(status === "completed");
			}),
		);
	});

	test("never falls when one more step is complete", () => {
		fc.assert(
			fc.property(fc.nat(60), expectedSteps, (done, expectedSteps) => {
				const after = (count: number) => progressOf({ ...row, expectedSteps }, stepsOf(Array(count).fill("completed")));
				expect(after(done + 1)).toBeGreaterThanOrEqual(after(done));
			}),
		);
	});

	test("is what the job's own code says, unless its steps are further: it never falls", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 99 }), steps, expectedSteps, (progress, steps, expectedSteps) => {
				const bySteps = progressOf({ ...row, expectedSteps, progress: null }, steps);
				expect(progressOf({ ...row, expectedSteps, progress }, steps)).toBe(Math.max(progress, bySteps));
			}),
		);
	});

	test("is the same on a job that failed as it was before", () => {
		fc.assert(
			fc.property(reported, steps, expectedSteps, (progress, steps, expectedSteps) => {
				const before = progressOf({ ...row, expectedSteps, progress }, steps);
				expect(progressOf({ ...row, expectedSteps, status: "failed", progress }, steps)).toBe(before);
			}),
		);
	});

	test("counts completed steps against what jobs of the kind took when it was submitted", () => {
		const three = stepsOf(["completed", "completed", "running"]);
		expect(progressOf({ ...row, expectedSteps: 5 }, three)).toBe(40);
	});

	test("does not jump while nothing is known of the kind, and never counts more steps than it has done as all", () => {
		expect(progressOf(row, stepsOf(["completed", "running"]))).toBe(10);
		const twelve = stepsOf(Array.from({ length: 12 }, () => "completed" as const));
		expect(progressOf(row, twelve)).toBe(92);
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
