import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import type { createClient, DarkroomClient } from "../client/client.ts";
import type { JobOf, KindOf, SubmitInputOf } from "../client/job-of.ts";
import { defineJob } from "../engine/define-job.ts";
import { type GenerationJob, useGenerationJob } from "./use-generation-job.ts";
import type { GenerationJobs, useGenerationJobs } from "./use-generation-jobs.ts";
import type { UseSubmit, useSubmit } from "./use-submit.ts";

const plushie = defineJob({
	kind: "generate-plushie",
	input: z.object({ photo: z.string(), size: z.number().default(3) }),
	output: z.object({ plushie: z.string(), subject: z.enum(["person", "pet", "other"]) }),
	run: async () => ({ plushie: "a", subject: "pet" as const }),
});
const prompt = defineJob({
	kind: "generate-prompt",
	input: z.object({ title: z.string() }),
	output: z.string(),
	run: async () => "p",
});
type Plushie = typeof plushie;
type Prompt = typeof prompt;

describe("types come from the job definition", () => {
	it("gives a job its kind, input and output", () => {
		expectTypeOf<JobOf<Plushie>["kind"]>().toEqualTypeOf<"generate-plushie">();
		expectTypeOf<JobOf<Plushie>["output"]>().toEqualTypeOf<
			{ plushie: string; subject: "person" | "pet" | "other" } | undefined
		>();
		expectTypeOf<JobOf<Plushie>["input"]>().toEqualTypeOf<{ photo: string; size: number }>();
		expectTypeOf<KindOf<Plushie>>().toEqualTypeOf<"generate-plushie">();
	});

	it("lets a submit leave out what the schema fills in", () => {
		expectTypeOf<SubmitInputOf<Plushie>>().toEqualTypeOf<{ photo: string; size?: number | undefined }>();
		expectTypeOf<Parameters<UseSubmit<Plushie>["submit"]>[0]>().toEqualTypeOf<SubmitInputOf<Plushie>>();
		expectTypeOf<ReturnType<UseSubmit<Plushie>["submit"]>>().resolves.toEqualTypeOf<JobOf<Plushie>>();
	});

	it("types the hooks", () => {
		type Job = ReturnType<typeof useGenerationJob<Plushie>>;
		expectTypeOf<Job>().toEqualTypeOf<GenerationJob<Plushie>>();
		expectTypeOf<NonNullable<Job["job"]>["output"]>().toEqualTypeOf<JobOf<Plushie>["output"]>();
		expectTypeOf<Parameters<typeof useSubmit<Plushie>>[0]>().toEqualTypeOf<"generate-plushie">();
		type Filter = NonNullable<Parameters<typeof useGenerationJobs<Plushie>>[0]>;
		expectTypeOf<Filter["kind"]>().toEqualTypeOf<"generate-plushie" | undefined>();
	});

	it("tells several definitions apart by kind", () => {
		type Job = GenerationJobs<Plushie | Prompt>["jobs"][number];
		expectTypeOf<Extract<Job, { kind: "generate-prompt" }>["output"]>().toEqualTypeOf<string | undefined>();
	});

	it("knows nothing of an output without a definition", () => {
		const useUntyped = () => useGenerationJob("j1");
		type Job = NonNullable<ReturnType<typeof useUntyped>["job"]>;
		expectTypeOf<Job["output"]>().toEqualTypeOf<unknown>();
		expectTypeOf<Job["kind"]>().toEqualTypeOf<string>();
	});

	it("types the client", () => {
		expectTypeOf<ReturnType<typeof createClient>>().toEqualTypeOf<DarkroomClient>();
		type Get = typeof client.getJob<Prompt>;
		expectTypeOf<ReturnType<Get>>().resolves.toEqualTypeOf<JobOf<Prompt>>();
	});
});

declare const client: DarkroomClient;
