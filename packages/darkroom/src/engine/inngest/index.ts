import type { Inngest, InngestFunction } from "inngest";
import { isDuration, toMs } from "../../core/duration.ts";
import { DarkroomError } from "../../core/errors.ts";
import type { Darkroom } from "../darkroom.ts";
import type { EngineChoice } from "../engine.ts";
import { InngestEngine } from "./inngest-engine.ts";
import type { InngestOptions } from "./options.ts";

export type { InngestOptions } from "./options.ts";

const engines = new WeakMap<Darkroom, InngestEngine>();

/**
 * The engine for scale: each definition becomes a function of Inngest, which calls this app for each part of a run. Nothing
 * in a definition changes.
 * @throws `misconfigured` for a missing client, or a setting that is none
 */
export function inngest(options: InngestOptions): EngineChoice {
	check(options);
	return {
		name: "inngest",
		longWait: options.longWait ?? "5s",
		create(parts) {
			const engine = new InngestEngine(parts, options);
			engines.set(parts.darkroom, engine);
			return engine;
		},
	};
}

/**
 * What `serve` of `inngest/next`, `inngest/node` or `inngest/hono` takes: `serve(inngestHandlers(darkroom))`.
 * @throws `misconfigured` for a Darkroom on another engine
 */
export function inngestHandlers(darkroom: Darkroom): {
	readonly client: Inngest.Any;
	readonly functions: InngestFunction.Any[];
} {
	const engine = engines.get(darkroom);
	if (!engine) {
		throw new DarkroomError("misconfigured", {
			detail: "This Darkroom does not run on Inngest. Give createDarkroom `engine: inngest({ client })`.",
		});
	}
	return { client: engine.client, functions: engine.functions };
}

const durations = ["lease", "sweepEvery", "longWait", "keepUploads", "maxRuntime", "resendAfter"] as const;

function check(options: InngestOptions): void {
	const { client } = options as Partial<InngestOptions>;
	if (typeof client?.createFunction !== "function" || typeof client.send !== "function") {
		throw misconfigured(
			'`client` must be a client of Inngest: new Inngest({ id: "my-app" }) from the package `inngest`.',
		);
	}
	for (const name of Object.keys(options)) {
		if (name === "client" || (durations as readonly string[]).includes(name)) continue;
		throw misconfigured(`\`${name}\` is no option of inngest(). It takes client, ${durations.join(", ")}.`);
	}
	for (const name of durations) {
		const value = options[name];
		if (value === undefined || (isDuration(value) && toMs(value) > 0)) continue;
		throw misconfigured(`\`${name}\` of inngest() must be a duration longer than nothing, such as "30s".`);
	}
}

function misconfigured(detail: string): DarkroomError {
	return new DarkroomError("misconfigured", { detail });
}
