import type { Clock } from "../core/clock.ts";
import { isDarkroomError } from "../core/errors.ts";
import type { LogFields, Logger } from "../core/logger.ts";
import type { Lease, Store } from "../store/store.ts";
import type { StoreOutage } from "./store-outage.ts";

/** At most this often does a job's own word on its progress become a row's change. */
const reportEveryMs = 250;

/** What a reporter needs of the attempt that it speaks for. */
export interface Reporting {
	readonly lease: Lease;
	readonly tools: {
		readonly store: Pick<Store, "reportProgress">;
		readonly clock: Clock;
		readonly logger: Logger;
		readonly outage: Pick<StoreOutage, "explains">;
	};
	/** Set when the attempt has ended: it has nothing to say any more. */
	readonly interruption: object | undefined;
	readonly logFields: LogFields;
}

export interface ProgressReporter {
	(percent: number, message?: string): void;
	flush(): void;
}

/** Keeps the latest word and writes it at once, or as soon as `reportEveryMs` have passed since the one before. */
export function createProgressReporter(run: Reporting): ProgressReporter {
	const { store, clock, logger, outage } = run.tools;
	let pending: { progress: number | null; message: string | null } | undefined;
	let isWaiting = false;

	function flush(): void {
		if (!pending || run.interruption) return;
		const report = { ...run.lease, ...pending, now: clock.now() };
		pending = undefined;
		store.reportProgress(report).catch((error: unknown) => {
			// The store's other answers reach the job through its steps; here only the news is lost.
			if (isDarkroomError(error, "lease_lost") || outage.explains(error, "report progress")) return;
			logger.warn({ ...run.logFields, err: error as Error }, "progress not kept");
		});
	}

	function flushUnlessTooSoon(): void {
		if (isWaiting || !pending) return;
		flush();
		isWaiting = true;
		clock.after(reportEveryMs, () => {
			isWaiting = false;
			flushUnlessTooSoon();
		});
	}

	const report = (percent: number, message?: string) => {
		const progress = Number.isFinite(percent) ? Math.round(Math.min(100, Math.max(0, percent))) : null;
		pending = { progress: progress ?? pending?.progress ?? null, message: message ?? pending?.message ?? null };
		flushUnlessTooSoon();
	};
	return Object.assign(report, { flush });
}
