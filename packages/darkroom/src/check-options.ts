import { isDuration, toMs } from "./core/duration.ts";
import { DarkroomError } from "./core/errors.ts";

/** What one option has to be. */
interface Rule {
	/** Completes "`store` must be …"; says what to write. */
	readonly words: string;
	readonly holds: (value: unknown) => boolean;
	readonly isRequired?: boolean;
}

type Rules = Readonly<Record<string, Rule>>;

const engineRules: Rules = {
	concurrency: {
		words: "a whole number of 0 or more",
		holds: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
	},
	lease: pause("30s"),
	sweepEvery: pause("1s"),
	longWait: { words: 'a duration, such as "5s"', holds: isDuration },
	keepUploads: { words: 'a duration, such as "24h"', holds: isDuration },
};

const rules: Rules = {
	jobs: { words: "a list of what defineJob made, such as [plushie]", holds: Array.isArray, isRequired: true },
	store: {
		words: 'a store, such as sqlite("./.data/darkroom.db") from "darkroom/sqlite"',
		holds: hasMethods("open", "submitJob", "claimJobs", "sweep"),
		isRequired: true,
	},
	assets: {
		words: 'an asset store, such as files("./.data/assets") from "darkroom/assets/files"',
		holds: hasMethods("put", "get", "delete"),
	},
	// Judged in words of its own, by `modelsFrom`.
	models: { words: "models", holds: () => true },
	engine: { words: "embedded({ … }) or inngest({ client })", holds: isPlainObject },
	images: { words: "an object with prepare, types and resize", holds: hasMethods("prepare", "types", "resize") },
	logger: {
		words: "a logger, such as pino's, with debug, info, warn and error",
		holds: hasMethods("debug", "info", "warn", "error"),
	},
	clock: { words: "an object with now and after", holds: hasMethods("now", "after") },
	uploadMinSidePixels: {
		words: "a whole number of pixels of at least 1",
		holds: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
	},
	uploadLimitBytes: {
		words: "a whole number of bytes of at least 1",
		holds: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
	},
};

/**
 * Refuses at creation what would otherwise fail in the middle of a job. TypeScript refuses most of it earlier; but not
 * in JavaScript, nor behind an `any`. No value is repeated: it may be an address with a password.
 * @throws `misconfigured` naming the option and what to write
 */
export function checkOptions(options: unknown): void {
	if (!isPlainObject(options)) throw misconfigured("createDarkroom takes an object: createDarkroom({ jobs, store }).");
	check("createDarkroom", "", rules, options);
	const { jobs, engine = {} } = options as { jobs: readonly unknown[]; engine?: Readonly<Record<string, unknown>> };
	// Another engine has checked its own when it was made.
	if (!("create" in engine)) check("the engine", "engine.", engineRules, engine);
	for (const [index, job] of jobs.entries()) {
		if (isDefinition(job)) continue;
		throw misconfigured(`\`jobs[${index}]\` was not made by defineJob. Write defineJob({ kind, input, output, run }).`);
	}
}

function check(whose: string, prefix: string, allowed: Rules, given: Readonly<Record<string, unknown>>): void {
	for (const name of Object.keys(given)) {
		if (Object.hasOwn(allowed, name)) continue;
		const known = Object.keys(allowed).join(", ");
		throw misconfigured(`\`${prefix}${name}\` is no option of ${whose}. It takes ${known}.`);
	}
	for (const [name, { words, holds, isRequired }] of Object.entries(allowed)) {
		const value = given[name];
		if (value === undefined && !isRequired) continue;
		if (!holds(value)) throw misconfigured(`\`${prefix}${name}\` must be ${words}.`);
	}
}

/** A time between two looks: none at all would be a loop without end. */
function pause(example: string): Rule {
	return {
		words: `a duration longer than nothing, such as "${example}"`,
		holds: (value) => isDuration(value) && toMs(value) > 0,
	};
}

function hasMethods(...names: readonly string[]) {
	return (value: unknown) => {
		if (typeof value !== "object" || value === null) return false;
		return names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
	};
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A spec that nobody defined has no defaults: neither its `timeoutMs` nor its price as a function. */
function isDefinition(job: unknown): boolean {
	const { kind, run, price, timeoutMs } = (job ?? {}) as Readonly<Record<string, unknown>>;
	const isMade = typeof price === "function" && typeof timeoutMs === "number";
	return isMade && typeof kind === "string" && typeof run === "function";
}

function misconfigured(detail: string): DarkroomError {
	return new DarkroomError("misconfigured", { detail });
}
