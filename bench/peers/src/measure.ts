import { setTimeout as sleep } from "node:timers/promises";
import { activeAtMost, type Contender, inFlight, ownerOf } from "./contender.ts";
import type { Course } from "./course.ts";
import { readUsage } from "./process-tree.ts";

export interface Limits {
	/** Of the throughput; fewer where the warm-up says that so many would take longer than `seconds`. */
	readonly jobs: number;
	/** What the throughput should take at most. It is cut off, and the reading is not whole, after three times that. */
	readonly seconds: number;
	/** Of the latency; fewer when half of `seconds` is over before. */
	readonly samples: number;
}

/** What one reading found. Figures of processes are undefined where the system does not tell them. */
export interface Reading {
	/** From the call of submit to the first line of the first step on an idle queue, in ms. */
	readonly firstStepMs: readonly number[];
	readonly completed: number;
	/** Whether all jobs that were submitted were completed before it was cut off. */
	readonly isWhole: boolean;
	readonly jobsPerSecond: number;
	/** Of the process with the library in it, at the end of the throughput. */
	readonly memoryMb: number;
	readonly serverMemoryMb: number | undefined;
	/** Of both together, over the throughput. */
	readonly processorUsPerJob: number | undefined;
}

/** Warms up, measures the latency while the queue is all but empty, and then the throughput. */
export async function measure(
	contender: Contender,
	course: Course,
	limits: Limits,
	serverPid: number | undefined,
): Promise<Reading> {
	const expectedPerSecond = await warmUp(contender, course);
	const firstStepMs = await measureLatency(contender, course, limits);
	const server = () => (serverPid === undefined ? undefined : readUsage(serverPid));
	const before = server()?.processorSeconds ?? 0;
	const own = process.cpuUsage();
	const { completed, isWhole, elapsedMs } = await measureThroughput(contender, course, {
		jobs: Math.min(limits.jobs, Math.max(200, Math.round(expectedPerSecond * limits.seconds))),
		seconds: 3 * limits.seconds,
	});
	const used = process.cpuUsage(own);
	const after = server();
	const serverUs = ((after?.processorSeconds ?? 0) - before) * 1e6;
	const isKnown = serverPid === undefined || after !== undefined;
	return {
		firstStepMs,
		completed,
		isWhole,
		jobsPerSecond: (completed * 1_000) / elapsedMs,
		memoryMb: process.memoryUsage.rss() / 1024 ** 2,
		serverMemoryMb: after?.memoryMb,
		processorUsPerJob: isKnown && completed > 0 ? (used.user + used.system + serverUs) / completed : undefined,
	};
}

/**
 * Batches, each waited for, for two seconds or 5,000 jobs: connections are open then, and the code is compiled. The
 * result is how many jobs a second came of it.
 */
async function warmUp(contender: Contender, course: Course): Promise<number> {
	const startedAt = performance.now();
	while (performance.now() < startedAt + 2_000 && course.submitted < 5_000) {
		await Promise.all(Array.from({ length: inFlight }, () => submit(contender, course)));
		await course.reach(course.submitted);
	}
	return (course.completed * 1_000) / (performance.now() - startedAt);
}

async function measureLatency(contender: Contender, course: Course, limits: Limits): Promise<number[]> {
	const endsAt = performance.now() + limits.seconds * 500;
	const times: number[] = [];
	while (times.length < limits.samples && performance.now() < endsAt) {
		// Of another length each time, so that a queue that polls is met at every moment of its interval.
		await sleep(10 + Math.random() * 50);
		const submittedAt = performance.now();
		await submit(contender, course);
		await course.reach(course.submitted);
		times.push(course.firstStepAt - submittedAt);
	}
	return times;
}

async function measureThroughput(contender: Contender, course: Course, { jobs, seconds }: Omit<Limits, "samples">) {
	const completedBefore = course.completed;
	const last = course.submitted + jobs;
	const isOver = AbortSignal.timeout(seconds * 1_000);
	const over = new Promise<void>((resolve) => isOver.addEventListener("abort", () => resolve()));
	const submitter = async () => {
		while (course.submitted < last && !isOver.aborted) {
			await submit(contender, course);
			await course.reach(course.submitted - activeAtMost);
		}
	};
	const startedAt = performance.now();
	const all = Promise.all(Array.from({ length: inFlight }, submitter)).then(() => course.reach(last));
	await Promise.race([all.then(() => settle(contender, isOver)), over]);
	const elapsedMs = performance.now() - startedAt;
	const completed = course.completed - completedBefore;
	return { completed, isWhole: completed === jobs, elapsedMs };
}

/** Until the store, too, has them all as completed. */
async function settle(contender: Contender, isOver: AbortSignal): Promise<void> {
	while (!isOver.aborted && ((await contender.countUnfinished?.()) ?? 0) > 0) await sleep(2);
}

async function submit(contender: Contender, course: Course): Promise<void> {
	const n = course.submitted++;
	await contender.submit(n, ownerOf(n));
}
