export type { AssetSnapshot, Balance, ErrorCode, JobSnapshot, JobStatus, StepSnapshot } from "../http/protocol.ts";
export {
	type AssetUrlOptions,
	type ClientOptions,
	createClient,
	type DarkroomClient,
	type TypedFilter,
	type TypedPage,
	type TypedQuery,
} from "./client.ts";
export type { CreditsState, CreditsWatch } from "./credits-watch.ts";
export type { JobListState, JobListWatch } from "./job-list-watch.ts";
export type { JobOf, KindOf, SubmitInputOf } from "./job-of.ts";
export type { JobFilter, ListQuery } from "./job-requests.ts";
export type { JobState, JobWatch, WatchState } from "./job-watch.ts";
export type { Page } from "./page.ts";
export { isProblemError, type ProblemCode, ProblemError } from "./problem-error.ts";
export type { SubmitOptions, SubmitState, Submitter } from "./submitter.ts";
export type { UploadOptions } from "./upload.ts";
