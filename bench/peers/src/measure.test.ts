import { expect, test } from "vitest";
import { activeAtMost, type Contender, inFlight } from "./contender.ts";
import { Course } from "./course.ts";
import { measure } from "./measure.ts";

/**
 * As few jobs as there can be, so that their number does not depend on how fast the warm-up was; and time enough for all
 * samples, however slow the machine is.
 */
const limits = { jobs: 200, seconds: 1_000, samples: 3 };

/** Ends each job a turn after it was accepted. */
function contenderFor(course: Course): Contender {
	return {
		async submit() {
			await new Promise(setImmediate);
			setImmediate(() => {
				course.onFirstStep();
				course.onCompleted();
			});
		},
	};
}

/** Ends no job before submitters have stopped, and then all of them; tells how many it had at most. */
function hoardingContender(course: Course) {
	const contender = {
		mostActive: 0,
		async submit() {
			await new Promise(setImmediate);
		},
	};
	let seen = 0;
	let idleTurns = 0;
	const turn = () => {
		idleTurns = course.submitted === seen ? idleTurns + 1 : 0;
		seen = course.submitted;
		if (idleTurns > 5) {
			contender.mostActive = Math.max(contender.mostActive, course.submitted - course.completed);
			while (course.completed < course.submitted) course.onCompleted();
		}
		timer = setImmediate(turn);
	};
	let timer = setImmediate(turn);
	return { contender, stop: () => clearImmediate(timer) };
}

test("all jobs are submitted once, completed, and counted", async () => {
	const course = new Course();
	const reading = await measure(contenderFor(course), course, limits, undefined);
	expect(reading).toMatchObject({ completed: limits.jobs, isWhole: true });
	expect(reading.firstStepMs).toHaveLength(limits.samples);
	expect(course.submitted).toBe(course.completed);
});

test("a reading ends when the store, too, has every job as completed", async () => {
	const course = new Course();
	const unfinished = [7, 3, 0];
	const contender = { ...contenderFor(course), countUnfinished: async () => unfinished.shift() ?? Number.NaN };
	await measure(contender, course, limits, undefined);
	expect(unfinished).toEqual([]);
});

test("submitters wait while as many jobs are active as may be", async () => {
	const course = new Course();
	const { contender, stop } = hoardingContender(course);
	await measure(contender, course, { ...limits, jobs: 3_000 }, undefined);
	stop();
	expect(contender.mostActive).toBeGreaterThanOrEqual(activeAtMost);
	expect(contender.mostActive).toBeLessThanOrEqual(activeAtMost + inFlight);
});

test("a reading that takes too long is cut off, and says so", async () => {
	const course = new Course();
	const contender = contenderFor(course);
	let calls = 0;
	let isStuck = false;
	const submit = async (n: number, owner: string) => {
		calls++;
		await new Promise(setImmediate);
		// A job that comes alone is the latency's, the last before the throughput.
		const isAlone = calls === 1;
		calls = 0;
		if (!isStuck) await contender.submit(n, owner);
		if (isAlone) isStuck = true;
	};
	const reading = await measure({ submit }, course, { ...limits, seconds: 1, samples: 1 }, undefined);
	expect(reading).toMatchObject({ isWhole: false, completed: 0, jobsPerSecond: 0 });
});
