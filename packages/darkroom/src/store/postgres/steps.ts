import { leaseLost } from "../refusals.ts";
import type { ProgressReport, StepCompletion, StepFailure, StepStart } from "../store.ts";
import type { Ask } from "./ask.ts";

/** Place among what was asked, and the change number. */
type Written = readonly [ord: number, change: number];

/** What a worker writes while it holds the lease: the fence is asked in the statement that writes. */
export const steps = {
	start: (s: StepStart): Ask<void> =>
		write(s, {
			status: "running",
			started_at: s.now,
			output: null,
			error: null,
			preview: s.preview,
			finished_at: null,
		}),
	complete: (s: StepCompletion): Ask<void> =>
		write(s, {
			status: "completed",
			started_at: s.startedAt,
			output: s.output,
			error: null,
			preview: s.preview,
			finished_at: s.now,
			...(s.keeps.length > 0 && { keeps: s.keeps }),
		}),
	fail: (s: StepFailure): Ask<void> =>
		write(s, {
			status: "failed",
			started_at: s.startedAt,
			output: null,
			error: JSON.stringify(s.error),
			preview: null,
			finished_at: s.now,
		}),
	report(report: ProgressReport): Ask<void> {
		const { owner, kind, jobId, leaseToken, progress, message } = report;
		return {
			sort: "reports",
			owners: [owner],
			key: `report ${jobId}`,
			lease: report,
			asOwner: (other) => steps.report({ ...report, owner: other }),
			rows: [{ ord: 0, owner, id: jobId, token: leaseToken, progress, message }],
			read: (answer, ord, note) => {
				const written = answer.find(ord, (value) => value as Written[] | null);
				if (!written) throw leaseLost(jobId);
				note({ owner, jobId, change: written[1], kind, status: "running" });
			},
		};
	},
};

interface Result {
	readonly status: "running" | "completed" | "failed";
	readonly started_at: number;
	readonly output: string | null;
	readonly error: string | null;
	readonly preview: string | null;
	readonly finished_at: number | null;
	readonly keeps?: readonly string[];
}

function write(s: StepStart, result: Result): Ask<void> {
	const { owner, kind, jobId, name, position, attempts } = s;
	return {
		sort: "steps",
		owners: [owner],
		key: `step ${jobId} ${name}`,
		lease: s,
		asOwner: (other) => write({ ...s, owner: other }, result),
		rows: [{ ord: 0, owner, job_id: jobId, token: s.leaseToken, name, position, attempts, ...result }],
		read: (answer, ord, note) => {
			const written = answer.find(ord, (value) => value as Written[] | null);
			if (!written) throw leaseLost(jobId);
			note({ owner, jobId, change: written[1], kind, status: "running" });
		},
	};
}
