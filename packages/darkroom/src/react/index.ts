"use client";
export { DarkroomProvider, type DarkroomProviderProps, useDarkroomClient } from "./client-context.ts";
export { type Credits, useCredits } from "./use-credits.ts";
export { type GenerationJob, useGenerationJob } from "./use-generation-job.ts";
export { type GenerationJobs, useGenerationJobs } from "./use-generation-jobs.ts";
export { type UseSubmit, useSubmit } from "./use-submit.ts";
