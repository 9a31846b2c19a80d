import { type Backoff, exponential } from "../core/backoff.ts";
import { type Duration, toMs } from "../core/duration.ts";
import { DarkroomError } from "../core/errors.ts";
import type { ChargeMoment } from "../core/job.ts";
import type { InputOf, OutputOf, Schema } from "../core/schema.ts";
import type { FailureContext, Retry, RunContext } from "./context.ts";
import type { StepResults } from "./results.ts";

/** What an app writes down once about a kind of job; both engines run it as it is. */
export interface JobSpec<Kind extends string, In extends Schema, Out extends Schema> {
	/** Names the definition in rows, routes and logs: lower case with dashes. Never rename one that has jobs. */
	readonly kind: Kind;
	readonly input: In;
	readonly output: Out;
	/** Default: free. */
	readonly credits?: Credits<OutputOf<In>, OutputOf<Out>>;
	readonly limits?: Limits;
	/** What the job works on; at most one active job each, the second is refused with 409. Default: nothing. */
	readonly subject?: (input: OutputOf<In>) => string;
	/** An active job of the same subject this old is cleared and the new one goes ahead. Default: never. */
	readonly staleAfter?: Duration;
	/** The assets that the input names: checked to be the owner's at submit, and kept from then on. */
	readonly assets?: (input: OutputOf<In>) => readonly string[];
	/** Higher goes first. Default 0. */
	readonly priority?: number;
	/** Of each step. Default 3 attempts with `exponential("1s")`. */
	readonly retry?: Retry;
	/** How long it may run, over all attempts. Default `"5m"`. */
	readonly timeout?: Duration;
	/** How long it may wait in the queue. Default `"24h"`. */
	readonly queueTimeout?: Duration;
	/** Workers that may die of it before it is failed with `worker_lost`. Default 5. */
	readonly maxAttempts?: number;
	readonly run: (context: RunContext<OutputOf<In>>) => Promise<InputOf<Out>>;
	/**
	 * Called once the job has failed, by the process that ended it, for cleaning up: the credits are settled by then.
	 * Not called when that process dies first, so nothing may depend on it.
	 */
	readonly onFailure?: (context: FailureContext<OutputOf<In>>) => Promise<void> | void;
}

export interface Credits<Input, Output> {
	/** Whole credits, the most that the job can cost. */
	readonly price: number | ((input: Input) => number);
	/** Default `"on-success"`. `"on-start"` takes them at the first claim and gives back what was not delivered. */
	readonly charge?: ChargeMoment;
	/**
	 * What a job that its owner cancelled has delivered by then, in credits, from what its completed steps returned, by
	 * their names. Default: nothing.
	 */
	readonly delivered?: (made: { readonly input: Input; readonly results: StepResults }) => number;
	/** What was delivered, in credits: 7 of 8 pages. Default: the whole price. */
	readonly capture?: (result: { readonly input: Input; readonly output: Output }) => number;
}

export interface Limits {
	/** Queued and running jobs of this kind an owner may have; the next is refused with 429. Default: no limit. */
	readonly activePerOwner?: number;
	/** Running jobs of this kind an owner may have; the next waits in the queue. Default: no limit. */
	readonly runningPerOwner?: number;
}

/** A spec with its defaults filled in and its durations in ms. Made by `defineJob` alone. */
export interface JobDefinition<Kind extends string = string, Input = unknown, Output = unknown, GivenInput = unknown> {
	readonly kind: Kind;
	readonly input: Schema<Input, GivenInput>;
	readonly output: Schema<Output>;
	readonly price: (input: Input) => number;
	readonly charge: ChargeMoment;
	readonly capture: Credits<Input, Output>["capture"];
	readonly delivered: Credits<Input, Output>["delivered"];
	readonly activePerOwner: number | null;
	readonly runningPerOwner: number | null;
	readonly subject: ((input: Input) => string) | undefined;
	readonly staleAfterMs: number | null;
	readonly assets: ((input: Input) => readonly string[]) | undefined;
	readonly priority: number;
	readonly retry: { readonly attempts: number; readonly backoff: Backoff };
	readonly timeoutMs: number;
	readonly queueTimeoutMs: number;
	readonly maxAttempts: number;
	readonly run: (context: RunContext<Input>) => Promise<unknown>;
	readonly onFailure: ((context: FailureContext<Input>) => Promise<void> | void) | undefined;
}

/** A definition of any input and output, for lists of them. Its functions are called only with values its schemas made. */
// biome-ignore lint/suspicious/noExplicitAny: input is contravariant in `run` and covariant in `input`; only `any` accepts all
export type AnyJobDefinition = JobDefinition<string, any, any, any>;

const kindPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** @throws `misconfigured` for a kind that is not lower case with dashes, or a number that cannot be. */
export function defineJob<const Kind extends string, In extends Schema, Out extends Schema>(
	spec: JobSpec<Kind, In, Out>,
): JobDefinition<Kind, OutputOf<In>, OutputOf<Out>, InputOf<In>> {
	if (!kindPattern.test(spec.kind)) {
		throw misconfigured(
			`The kind "${spec.kind}" must be lower-case words joined by dashes, such as "generate-plushie".`,
		);
	}
	const price = spec.credits?.price ?? 0;
	const definition: JobDefinition<Kind, OutputOf<In>, OutputOf<Out>, InputOf<In>> = {
		kind: spec.kind,
		input: spec.input as Schema<OutputOf<In>, InputOf<In>>,
		output: spec.output as Schema<OutputOf<Out>>,
		price: typeof price === "function" ? price : () => price,
		charge: spec.credits?.charge ?? "on-success",
		capture: spec.credits?.capture,
		delivered: spec.credits?.delivered,
		activePerOwner: atLeastOne(spec.limits?.activePerOwner ?? null, "limits.activePerOwner"),
		runningPerOwner: atLeastOne(spec.limits?.runningPerOwner ?? null, "limits.runningPerOwner"),
		subject: spec.subject,
		staleAfterMs: spec.staleAfter === undefined ? null : toMs(spec.staleAfter),
		assets: spec.assets,
		priority: spec.priority ?? 0,
		retry: {
			attempts: atLeastOne(spec.retry?.attempts ?? 3, "retry.attempts"),
			backoff: spec.retry?.backoff ?? exponential("1s"),
		},
		timeoutMs: toMs(spec.timeout ?? "5m"),
		queueTimeoutMs: toMs(spec.queueTimeout ?? "24h"),
		maxAttempts: atLeastOne(spec.maxAttempts ?? 5, "maxAttempts"),
		run: spec.run,
		onFailure: spec.onFailure,
	};
	return Object.freeze(definition);
}

function atLeastOne<N extends number | null>(value: N, name: string): N {
	if (value === null || (Number.isInteger(value) && value >= 1)) return value;
	throw misconfigured(`${name} is ${value}; it must be a whole number of at least 1.`);
}

function misconfigured(detail: string): DarkroomError {
	return new DarkroomError("misconfigured", { detail });
}
