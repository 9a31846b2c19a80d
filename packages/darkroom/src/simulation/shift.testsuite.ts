import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type BackendName, createBackend } from "./backends.testsuite.ts";
import { SimulatedDatabase } from "./database.testsuite.ts";
import { type Outcome, runSchedule } from "./schedule.testsuite.ts";

/** Seeds to run: every `stride`-th from `from` on, at most `count` of them and no longer than `forMs`. */
export interface Shift {
	readonly backend: BackendName;
	readonly from: number;
	readonly stride: number;
	readonly count: number;
	/** Of real time; Infinity for as long as it takes. */
	readonly forMs: number;
}

/** What a shift has seen. It ends with the first promise that did not hold. */
export interface ShiftReport {
	readonly schedules: number;
	readonly events: number;
	readonly jobs: number;
	readonly broken: Outcome | undefined;
}

/** A refusal is an error, there are many, and nobody reads where they came from; the same seed, told, says it. */
function forgetStacks(): void {
	Error.stackTraceLimit = 0;
}

async function work({ backend, from, stride, count, forMs }: Shift): Promise<ShiftReport> {
	const database = await SimulatedDatabase.open(createBackend(backend));
	const endsAt = performance.now() + forMs;
	// A promise that nobody waits for, and that fails, is a fault of the schedule in which it does.
	let stray: unknown;
	process.on("unhandledRejection", (error) => {
		stray ??= error;
	});
	const report = { schedules: 0, events: 0, jobs: 0, broken: undefined as Outcome | undefined };
	while (report.schedules < count && performance.now() < endsAt && !report.broken) {
		const outcome = await runSchedule({ seed: from + report.schedules * stride, database });
		report.schedules++;
		report.events += outcome.events;
		report.jobs += outcome.jobs;
		if (outcome.violation) report.broken = outcome;
		else if (stray !== undefined)
			report.broken = { ...outcome, violation: { promise: 0, words: `unhandled: ${stray}` } };
	}
	await database.close();
	return report;
}

/** Runs a shift in a thread of its own, so that nothing but it uses that thread's event loop. */
function inThread(shift: Shift): Promise<ShiftReport> {
	return new Promise((resolve, reject) => {
		const thread = new Worker(new URL(import.meta.url), { workerData: shift });
		thread.once("message", resolve);
		thread.once("error", reject);
	});
}

/** Divides the seeds among `threads`. Of several broken schedules it names the one of the lowest seed. */
export async function runShifts(shift: Omit<Shift, "stride">, threads: number): Promise<ShiftReport> {
	const shifts = Array.from({ length: threads }, (_, index) => ({
		...shift,
		from: shift.from + index,
		stride: threads,
		count: Math.ceil((shift.count - index) / threads),
	}));
	const reports = await Promise.all(shifts.map(inThread));
	const broken = reports.flatMap((report) => report.broken ?? []).sort((a, b) => a.seed - b.seed);
	const sum = (of: (report: ShiftReport) => number) => reports.reduce((total, report) => total + of(report), 0);
	return {
		schedules: sum((report) => report.schedules),
		events: sum((report) => report.events),
		jobs: sum((report) => report.jobs),
		broken: broken[0],
	};
}

if (!isMainThread && parentPort && workerData && "stride" in workerData) {
	forgetStacks();
	parentPort.postMessage(await work(workerData as Shift));
}
