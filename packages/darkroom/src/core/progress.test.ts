import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Job, Step } from "./job.ts";
import { etaOf, progressOf, workOf } from "./progress.ts";
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
	const usual = { steps: 5, durationMs: 10_000 };
	/** As many completed steps, one after the other, the job having begun at 0. */
	const done = (count: number, eachMs: number) =>
		stepsOf(Array(count).fill("completed")).map((step, i) => ({
			...step,
			startedAt: i * eachMs,
			finishedAt: (i + 1) * eachMs,
		}));
	/** Of a job of five steps, as many of them complete, `sinceMs` after the last of them. */
	const leftIfKnown = (count: number, eachMs: number, sinceMs: number, rest: Partial<Job> = {}, history = usual) =>
		etaOf({ ...row, expectedSteps: history.steps, ...rest }, done(count, eachMs), history, count * eachMs + sinceMs);
	const left = (...given: Parameters<typeof leftIfKnown>) => leftIfKnown(...given) ?? Number.NaN;
	const count = fc.integer({ min: 0, max: 4 });
	const ms = fc.nat(120_000);
	const percent = fc.option(fc.integer({ min: 0, max: 100 }));

	test("is unknown for a kind that never completed, and for a job that is final", () => {
		expect(etaOf(row, [], undefined, 0)).toBeUndefined();
		for (const status of ["completed", "failed", "cancelled"] as const) {
			expect(etaOf({ ...row, status }, [], usual, 0)).toBeUndefined();
		}
	});

	test("of a job that waits is the whole usual duration, and what is left of it where steps are done already", () => {
		const waiting = { status: "queued", startedAt: null } as const;
		expect(left(0, 0, 99_999, waiting)).toBe(10_000);
		expect(left(2, 2_000, 99_999, waiting)).toBe(6_000);
	});

	test("of a job at its usual pace is what is left of the usual duration", () => {
		for (const completed of [0, 1, 2, 3, 4]) {
			expect(left(completed, 2_000, 0)).toBe(10_000 - 2_000 * completed);
			expect(left(completed, 2_000, 1_000)).toBe(9_000 - 2_000 * completed);
		}
	});

	test("of a job at half its usual pace is more than the usual rest, and of one at twice the pace is less", () => {
		for (const completed of [1, 2, 3, 4]) {
			expect(left(completed, 4_000, 0)).toBeGreaterThan(left(completed, 2_000, 0));
			expect(left(completed, 1_000, 0)).toBeLessThan(left(completed, 2_000, 0));
		}
	});

	test("is never negative, and only falls while nothing changes, until nothing is known any more", () => {
		fc.assert(
			fc.property(count, ms, ms, ms, percent, (completed, eachMs, sinceMs, moreMs, progress) => {
				const now = leftIfKnown(completed, eachMs, sinceMs, { progress });
				const later = leftIfKnown(completed, eachMs, sinceMs + moreMs, { progress });
				if (later === undefined) return;
				expect(later).toBeGreaterThanOrEqual(0);
				expect(later).toBeLessThanOrEqual(now ?? Number.NaN);
			}),
		);
	});

	test("does not stand still for long: once a step has taken more than twice its share, there is none", () => {
		expect(left(1, 2_000, 2_000)).toBe(6_000);
		expect(left(1, 2_000, 9_000)).toBe(6_000);
		expect(leftIfKnown(1, 2_000, 9_001)).toBeUndefined();
		expect(leftIfKnown(4, 2_000, 9_000)).toBe(0);
		expect(leftIfKnown(4, 2_000, 9_001)).toBeUndefined();
	});

	test("of a step that was begun anew, after a crash or a failure, counts from there", () => {
		const [completed] = done(1, 2_000) as [Step];
		const at = (startedAt: number): Step => ({ ...completed, status: "running", startedAt, finishedAt: null });
		const eta = (step: Step) => etaOf({ ...row, attempt: 2, expectedSteps: 5 }, [completed, step], usual, 41_000);
		expect(eta(at(2_000))).toBeUndefined();
		expect(eta(at(40_000))).toBe(7_000);
		expect(eta({ ...at(2_000), status: "failed", finishedAt: 40_500 })).toBe(7_500);
	});

	test("of a job however slow is at most a third more than the usual duration", () => {
		fc.assert(
			fc.property(count, fc.nat(86_400_000), ms, percent, (completed, eachMs, sinceMs, progress) => {
				const most = (4 / 3) * usual.durationMs;
				expect(leftIfKnown(completed, eachMs, sinceMs, { progress }) ?? most).toBeLessThanOrEqual(most);
			}),
		);
	});

	test("is not soon while steps are still to come, however long the present one takes", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 3 }), ms, (completed, sinceMs) => {
				const usualRest = 2_000 * (4 - completed);
				expect(leftIfKnown(completed, 2_000, sinceMs) ?? usualRest).toBeGreaterThanOrEqual(usualRest);
			}),
		);
	});

	test("of a job three times as slow as the one before never says soon before its last two steps", () => {
		const before = { steps: 5, durationMs: 3_000 };
		const shown = [0, 1, 2, 3, 4].map((completed) =>
			[0, 600, 1_200, 1_799].map((sinceMs) => left(completed, 1_800, sinceMs, {}, before)),
		);
		for (const within of shown.slice(0, 3)) expect(Math.min(...within)).toBeGreaterThan(2_000);
		expect(Math.max(...shown.flat())).toBeLessThan(4_000);
	});

	test("takes what a job reports for usual work, and counts on from there", () => {
		const single = { steps: 1, durationMs: 10_000 };
		const reporting = (progress: number, sinceMs: number) => left(0, 0, sinceMs, { progress }, single);
		expect(reporting(50, 5_000)).toBe(5_000);
		expect(reporting(50, 7_000)).toBe(3_000);
		expect(reporting(90, 1_000)).toBe(1_000);
	});

	test("does not take for work what lay between steps, nor what ran beside another twice", () => {
		const at = (startedAt: number, finishedAt: number) => ({ startedAt, finishedAt });
		const [step] = stepsOf(["completed"]) as [Step];
		const steps = [at(0, 2_000), at(0, 2_000), at(60_000, 62_000)].map((times) => ({ ...step, ...times }));
		expect(workOf(steps)).toBe(4_000);
	});
});
