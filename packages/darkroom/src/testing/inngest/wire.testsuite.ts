/** What goes between Inngest's server and its SDK (4.24, execution version 2), as far as the tests' server plays it. */

/** An event as functions get it. `id` is the sender's own, or the server's where the sender gave none. */
export interface InngestEvent {
	readonly id: string;
	readonly name: string;
	readonly data: Readonly<Record<string, unknown>>;
	/** Milliseconds since 1970. */
	readonly ts: number;
	readonly user: Readonly<Record<string, unknown>>;
	readonly v?: string;
}

/** One operation of an answer, or of a checkpoint. */
export interface Op {
	/** SHA-1 of the step's id in the code. */
	readonly id: string;
	readonly op: string;
	/** A sleep's is how long it lasts. */
	readonly name?: string;
	readonly displayName?: string;
	readonly data?: unknown;
	readonly error?: unknown;
	readonly opts?: { readonly parallelMode?: string };
}

/** What is remembered of a step. The real server keeps a sleep that is over as a bare `null`, so this one sends it so. */
export type StepState = null | { readonly type: "data"; readonly data: unknown } | StepFailure;

interface StepFailure {
	readonly type: "error";
	readonly error: unknown;
}

/** The body of a call to the app. */
export interface CallBody {
	/** -1 until the app has said which version of the protocol it speaks. */
	readonly version: number;
	readonly event: InngestEvent;
	readonly events: readonly InngestEvent[];
	readonly steps: Readonly<Record<string, StepState>>;
	readonly use_api: boolean;
	readonly ctx: {
		readonly run_id: string;
		/** Absent, the SDK does not checkpoint. */
		readonly fn_id?: string;
		readonly qi_id?: string;
		readonly env: string;
		readonly step_id: "step";
		/** Counted from 0. */
		readonly attempt: number;
		readonly max_attempts: number;
		/** Set once steps of this run went in parallel: from then on each is planned first and then called by its id. */
		readonly disable_immediate_execution: boolean;
		readonly use_api: boolean;
		/** Completed steps in the order in which they completed. */
		readonly stack: { readonly stack: readonly string[]; readonly current: number };
	};
}

/** A function as the SDK registers it. */
export interface FunctionConfig {
	readonly id: string;
	readonly name?: string;
	readonly triggers: readonly { readonly event?: string; readonly expression?: string; readonly cron?: string }[];
	readonly steps: {
		readonly step: { readonly runtime: { readonly url: string }; readonly retries?: { readonly attempts?: number } };
	};
	readonly concurrency?: number | ConcurrencyConfig | readonly ConcurrencyConfig[];
	readonly cancel?: readonly { readonly event: string; readonly if?: string; readonly timeout?: string }[];
	readonly timeouts?: { readonly start?: string; readonly finish?: string };
	readonly priority?: { readonly run?: string };
}

interface ConcurrencyConfig {
	readonly limit: number;
	/** An expression over the event. Default: all runs share the limit. */
	readonly key?: string;
	readonly scope?: "fn" | "env" | "account";
}

/** An error as the SDK serializes it; `error` is the server's own word for what went wrong. */
export interface WireError {
	readonly error: string;
	readonly name: string;
	readonly message: string;
	readonly stack?: string;
	readonly cause?: unknown;
}
