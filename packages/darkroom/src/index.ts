export { assetRef } from "./assets/asset-ref.ts";
export type { AssetStore, ByteRange } from "./assets/asset-store.ts";
export type { Asset, AssetSnapshot } from "./core/asset.ts";
export { type Backoff, constant, type ExponentialOptions, exponential } from "./core/backoff.ts";
export type { Clock } from "./core/clock.ts";
export type { Duration } from "./core/duration.ts";
export { DarkroomError, type DarkroomErrorOptions, type ErrorCode, isDarkroomError } from "./core/errors.ts";
export type { ChargeMoment, JobSnapshot, StepSnapshot } from "./core/job.ts";
export type { LogFields, Logger } from "./core/logger.ts";
export type { InputOf, OutputOf, Schema } from "./core/schema.ts";
export type { JobStatus, StepStatus } from "./core/status.ts";
export { createDarkroom, type DarkroomOptions, embedded } from "./create-darkroom.ts";
export type { Balance } from "./credits/settlement.ts";
export type {
	AssetBytes,
	FailureContext,
	JobAssets,
	MapOptions,
	Operation,
	OperationState,
	Retry,
	RunContext,
	Settled,
	StepContext,
	StepOptions,
	StepTools,
} from "./engine/context.ts";
export type {
	Darkroom,
	JobPage,
	JobRequest,
	ListRequest,
	OpenAssetRequest,
	OpenedAsset,
	SubmitRequest,
	Watch,
	WatchRequest,
} from "./engine/darkroom.ts";
export { type AnyJobDefinition, defineJob, type JobDefinition, type JobSpec } from "./engine/define-job.ts";
export type { EmbeddedOptions } from "./engine/embedded/options.ts";
export type { EngineChoice } from "./engine/engine.ts";
export type { ModelsConfig } from "./models/create-models.ts";
export type { BoundModels, ModelDescription, Models, Role } from "./models/models.ts";
export type { LedgerEntry, Store, Submission } from "./store/store.ts";
