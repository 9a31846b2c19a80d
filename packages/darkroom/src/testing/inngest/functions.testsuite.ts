import { type Expression, parseExpression } from "./expression.testsuite.ts";
import { waitMs } from "./wait.testsuite.ts";
import type { FunctionConfig, InngestEvent } from "./wire.testsuite.ts";

/** A function that an app registered, read. */
export interface RegisteredFunction {
	/** The app's id and the function's own, as in `studio-generate-plushie`. */
	readonly id: string;
	/** Where it is called. */
	readonly url: string;
	/** Tries of each step, the first among them. Default of the SDK: 4. */
	readonly maxAttempts: number;
	readonly triggers: readonly { readonly event: string; readonly matches: Expression }[];
	readonly concurrency: readonly { readonly limit: number; readonly scope: string; readonly key: Expression }[];
	/** `timeoutMs`: how long after the run was queued the event still cancels. Default: always. */
	readonly cancelOn: readonly {
		readonly event: string;
		readonly matches: Expression;
		readonly timeoutMs: number | undefined;
	}[];
	readonly startTimeoutMs: number | undefined;
	readonly finishTimeoutMs: number | undefined;
	/** Seconds by which a run goes ahead of others. */
	readonly priority: Expression;
	/** As it was registered. */
	readonly config: FunctionConfig;
}

const notPlayed = ["batchEvents", "debounce", "idempotency", "rateLimit", "singleton", "throttle"];
const always: Expression = () => true;

/** @throws {Error} when the function asks for something that the tests' server does not play. */
export function readFunction(config: FunctionConfig): RegisteredFunction {
	const asked = notPlayed.filter((option) => option in config);
	if (config.triggers.some(({ cron }) => cron !== undefined)) asked.push("cron");
	if (asked.length > 0) {
		throw new Error(`The tests' Inngest server does not play ${asked.join(", ")}, which ${config.id} asks for.`);
	}
	const { runtime, retries } = config.steps.step;
	const limits = typeof config.concurrency === "number" ? { limit: config.concurrency } : config.concurrency;
	return {
		id: config.id,
		url: runtime.url,
		maxAttempts: (retries?.attempts ?? 3) + 1,
		triggers: config.triggers.map(({ event = "", expression }) => ({ event, matches: condition(expression) })),
		concurrency: [limits ?? []].flat().map(({ limit, key, scope = "fn" }) => ({
			limit,
			scope: scope === "fn" ? config.id : scope,
			key: key === undefined ? always : parseExpression(key),
		})),
		cancelOn: (config.cancel ?? []).map((one) => ({
			event: one.event,
			matches: condition(one.if),
			timeoutMs: duration(one.timeout),
		})),
		startTimeoutMs: duration(config.timeouts?.start),
		finishTimeoutMs: duration(config.timeouts?.finish),
		priority: config.priority?.run === undefined ? () => 0 : parseExpression(config.priority.run),
		config,
	};
}

/** Whether this event starts a run of the function. */
export function isTriggeredBy(fn: RegisteredFunction, event: InngestEvent): boolean {
	return fn.triggers.some((trigger) => trigger.event === event.name && trigger.matches({ event }) === true);
}

function condition(text: string | undefined): Expression {
	return text === undefined ? always : parseExpression(text);
}

function duration(text: string | undefined): number | undefined {
	return text === undefined ? undefined : waitMs(text, 0);
}
