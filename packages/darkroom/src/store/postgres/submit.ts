import type { WaitsFor } from "../../core/job.ts";
import { newJob } from "../new-job.ts";
import { clearedFailure } from "../refusals.ts";
import { type JobRow, toJob } from "../rows.ts";
import type { Submission, Submitted } from "../store.ts";
import { type Cleared, wokenChange } from "./answer.ts";
import type { Ask, AskedRow } from "./ask.ts";
import { type Refused, toError } from "./refused.ts";

interface Admitted {
	readonly code?: undefined;
	readonly change: number;
	readonly waitsFor: WaitsFor;
	readonly claimed: boolean;
	readonly cleared?: Cleared | null;
}

type Verdict = Admitted | Refused | { readonly code?: undefined; readonly known: JobRow };

interface Answered {
	readonly plain: readonly (readonly [ord: number, verdict: Verdict])[] | null;
	readonly rest: readonly (readonly [ord: number, verdict: Verdict])[];
}

/** Admission; its rules are in migrations/0004_admission.sql. */
export function submit(s: Submission): Ask<Submitted> {
	return {
		sort: "submissions",
		owners: [s.owner],
		key: `submit ${s.id}`,
		opens: true,
		rows: [toRow(s)],
		read: (answer, ord, note) => {
			const found = answer.find(ord, (value) => {
				const { plain, rest } = value as Answered;
				return [...(plain ?? []), ...rest];
			});
			const verdict = found?.[1] as Verdict;
			if ("known" in verdict) return { job: toJob(verdict.known), created: false, claimed: false };
			if (verdict.code !== undefined) throw toError(verdict);
			const { cleared, change, claimed, waitsFor } = verdict;
			const { owner, id: jobId, kind } = s;
			if (cleared) {
				const { id, token: revokedLeaseToken } = cleared;
				note({
					owner,
					jobId: id,
					change: cleared.change,
					kind: cleared.kind,
					status: "failed",
					hasEnded: true,
					revokedLeaseToken,
				});
				for (const woken of cleared.woken) note(wokenChange(woken));
			}
			const job = newJob(s, waitsFor, claimed ? s.offer : null, change);
			note({ owner, jobId, change, kind, status: job.status, claimable: job.waitsFor === "worker" });
			return { job, created: true, claimed };
		},
	};
}

function toRow(s: Submission): AskedRow {
	return {
		ord: 0,
		id: s.id,
		kind: s.kind,
		owner: s.owner,
		subject: s.subject,
		stale_after_ms: s.staleAfterMs,
		idempotency_key: s.idempotencyKey,
		input: s.input,
		assets: s.assets.length > 0 ? s.assets : null,
		price: s.price,
		charge: s.charge,
		active_per_owner: s.activePerOwner,
		running_per_owner: s.runningPerOwner,
		priority: s.priority,
		run_at: s.runAt,
		queue_timeout_ms: s.queueTimeoutMs,
		timeout_ms: s.timeoutMs,
		max_attempts: s.maxAttempts,
		expected_steps: s.expectedSteps,
		at: s.now,
		lease_token: s.offer?.leaseToken ?? null,
		lease_expires_at: s.offer?.leaseExpiresAt ?? null,
		clear_error: s.staleAfterMs === null ? null : JSON.stringify(clearedFailure),
	};
}
