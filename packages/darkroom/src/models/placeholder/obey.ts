import { existsSync } from "node:fs";
import { sleep, systemClock } from "../../core/clock.ts";
import { DarkroomError } from "../../core/errors.ts";
import { hashText } from "./chance.ts";
import { type Directives, readDirectives } from "./directives.ts";

/** What a placeholder model does before it answers: takes its time, and fails where the prompt says so. */
export type Obey = (call: {
	readonly text: string;
	/** Tells the tries of one step from those of another; undefined when the caller sent none. */
	readonly idempotencyKey: string | undefined;
	readonly signal: AbortSignal | undefined;
}) => Promise<Directives>;

/** Keys whose failed tries are remembered; the oldest is forgotten first. */
const rememberedKeys = 1_000;

/** Between two looks at a gate, in ms. */
const lookEveryMs = 50;

/**
 * @param delayMs how long each call takes; 0 answers at once.
 * @param gate the path of a file: until it is there, calls with `[gate]` wait. Default: they do not.
 * The result throws `outage` for `[fail]` and `[flaky]`, `moderated` for `[moderated]`, and the signal's reason.
 */
export function createObey(delayMs: number, gate?: string): Obey {
	const failures = new Map<string, number>();

	return async ({ text, idempotencyKey, signal }) => {
		const directives = readDirectives(text);
		const waitMs = delayMs + directives.slowMs;
		if (waitMs > 0) await sleep(systemClock, waitMs, signal);
		while (directives.gate && gate !== undefined && !existsSync(gate)) await sleep(systemClock, lookEveryMs, signal);
		signal?.throwIfAborted();

		if (directives.moderated) {
			throw new DarkroomError("moderated", {
				detail: "The placeholder model refused this, because the prompt says [moderated]. Take that out and try again.",
			});
		}
		if (directives.fail) throw outage("The placeholder model failed, because the prompt says [fail].");
		if (directives.flaky > 0) {
			const key = idempotencyKey ?? `text:${hashText(text)}`;
			const failed = failures.get(key) ?? 0;
			if (failed < directives.flaky) {
				failures.delete(key);
				failures.set(key, failed + 1);
				if (failures.size > rememberedKeys) failures.delete(failures.keys().next().value as string);
				throw outage(`The placeholder model failed ${failed + 1} of ${directives.flaky} times, as [flaky] asks.`);
			}
		}
		return directives;
	};
}

function outage(detail: string): DarkroomError {
	return new DarkroomError("outage", { detail });
}

/** Header names are compared without case, as HTTP does. */
export function headerOf(headers: Record<string, string | undefined> | undefined, name: string): string | undefined {
	const wanted = name.toLowerCase();
	for (const [key, value] of Object.entries(headers ?? {})) if (key.toLowerCase() === wanted) return value;
	return undefined;
}
