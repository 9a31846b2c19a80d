import type { JobSnapshot } from "../core/job.ts";
import type { AnyJobDefinition, JobDefinition } from "../engine/define-job.ts";

/** A job as its definition types it: `JobOf<typeof plushie>`. Of several definitions, a union told apart by `kind`. */
export type JobOf<Definition extends AnyJobDefinition> =
	Definition extends JobDefinition<infer Kind, infer Input, infer Output, infer _Given>
		? JobSnapshot<Kind, Output> & { readonly input: Input }
		: never;

/** `"generate-plushie"` */
export type KindOf<Definition extends AnyJobDefinition> = Definition["kind"];

/** What a submit takes: the input before the schema's defaults and transforms. */
export type SubmitInputOf<Definition extends AnyJobDefinition> =
	Definition extends JobDefinition<infer _Kind, infer _Input, infer _Output, infer Given> ? Given : never;
