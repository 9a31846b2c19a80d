import type { AssetSnapshot } from "../core/asset.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { JobSnapshot, StepSnapshot } from "../core/job.ts";
import type { Fault } from "../core/schema.ts";
import type { JobStatus } from "../core/status.ts";
import type { Balance } from "../credits/settlement.ts";

/**
 * The wire: what goes between the browser and the server, as JSON. Routes are relative to where the handler
 * is mounted (`/api` in the Studio). Clients outside this repository rely on every name here.
 */
export { isActive } from "../core/status.ts";
export type { AssetSnapshot, Balance, ErrorCode, Fault, JobSnapshot, JobStatus, StepSnapshot };

/** `POST /jobs/:kind` */
export interface SubmitBody {
	readonly input: unknown;
	readonly idempotencyKey?: string;
}

/** `POST /jobs/:kind`, `POST /jobs/:id/retry` (202); `GET` and `DELETE /jobs/:id`, `POST /jobs/clear` (200) */
export interface JobAnswer<Kind extends string = string, Output = unknown> {
	readonly job: JobSnapshot<Kind, Output>;
}

/** `GET /jobs?kind=&status=&subject=&cursor=&limit=`, newest first; `status` may name several, by commas */
export interface JobsAnswer {
	readonly jobs: readonly JobSnapshot[];
	readonly nextCursor: string | null;
}

/** `POST /jobs/clear` */
export interface ClearBody {
	readonly subject: string;
}

/** `POST /uploads` (201) */
export interface UploadAnswer {
	readonly asset: AssetSnapshot;
}

/** `GET /credits` */
export type CreditsAnswer = Balance;

/** `POST /process-generation-jobs` */
export interface ProcessAnswer {
	readonly claimed: number;
	/** Whether work was left when the time was up. */
	readonly remaining: boolean;
}

/**
 * `GET /events`: Server-Sent Events. Each is `event: job`, `id:` the cursor to resume with, `data:` a
 * `JobAnswer`; `event: ready`, with an `id` too, follows the last one of what was missed. `?cursor=` does what
 * `Last-Event-ID` does.
 */
export const jobEvent = "job";
export const readyEvent = "ready";

/** RFC 9457 problem details, `application/problem+json`; facts of the error stand beside these. */
export interface Problem {
	readonly type: string;
	readonly title: string;
	readonly status: number;
	readonly detail: string;
	readonly code: ErrorCode;
	readonly retryable: boolean;
	/** `invalid_input` */
	readonly issues?: readonly Fault[];
	/** `insufficient_credits` */
	readonly needed?: number;
	readonly available?: number;
	/** `conflict` */
	readonly jobId?: string;
	readonly jobStatus?: JobStatus;
	readonly ageMs?: number;
	/** `too_many_active`, `too_large` */
	readonly limit?: number;
	readonly active?: number;
	/** `range_not_satisfiable`: bytes of the whole */
	readonly size?: number;
}
