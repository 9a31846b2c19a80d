import { DarkroomError } from "./errors.ts";
import { inOurWords } from "./fault-words.ts";

/**
 * The part of Standard Schema (https://standardschema.dev, version 1) that Darkroom needs, so that zod,
 * valibot and arktype schemas are all accepted.
 */
export interface Schema<Output = unknown, Input = unknown> {
	readonly "~standard": {
		readonly version: 1;
		readonly vendor: string;
		readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
		readonly types?: { readonly input: Input; readonly output: Output } | undefined;
	};
}

interface SchemaIssue {
	readonly message: string;
	readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
	/** zod's own, beyond the standard: the fields that a strict object does not know. Its path is the object's. */
	readonly code?: string | undefined;
	readonly keys?: readonly string[] | undefined;
}

type SchemaResult<Output> =
	| { readonly value: Output; readonly issues?: undefined }
	| { readonly issues: readonly SchemaIssue[] };

/** What a caller gives to a schema, before defaults and transforms. */
export type InputOf<S> = S extends Schema<unknown, infer Input> ? Input : never;
/** What a schema makes of it. */
export type OutputOf<S> = S extends Schema<infer Output, unknown> ? Output : never;

export interface Fault {
	/** Where: `photo`, `pages.3.text`; empty for the whole value. */
	readonly path: string;
	readonly message: string;
}

type Judged<Output> = { readonly value: Output; readonly faults?: undefined } | { readonly faults: readonly Fault[] };

/** @throws `invalid_input` with every fault's path in `data.issues`; `what` names the value in the sentence. */
export async function parse<Output>(schema: Schema<Output>, value: unknown, what: string): Promise<Output> {
	return accept(await judge(schema, value, what), what);
}

/** The same without a turn of the event loop where the schema is synchronous, as most are. */
export function parseNow<Output>(schema: Schema<Output>, value: unknown, what: string): Output | Promise<Output> {
	const result = schema["~standard"].validate(value);
	return result instanceof Promise
		? result.then((r) => accept(toJudged(r, what), what))
		: accept(toJudged(result, what), what);
}

/** For whoever has more to judge before it says no: the value, or what is wrong with it. It throws nothing of its own. */
export async function judge<Output>(schema: Schema<Output>, value: unknown, what: string): Promise<Judged<Output>> {
	return toJudged(await schema["~standard"].validate(value), what);
}

/** `invalid_input` for these faults, all of them in `data.issues`, and the first five in the sentence about `what`. */
export function refusalFor(what: string, faults: readonly Fault[]): DarkroomError {
	const told = faults.slice(0, mostTold).map(({ path, message }) => {
		// Whoever wrote the schema may have written whole sentences; here they become parts of one.
		const words = message.replace(/\.$/, "");
		return path === "" ? words : `${path}: ${words}`;
	});
	if (faults.length > mostTold) told.push(`and ${faults.length - mostTold} more`);
	const detail = `The ${what} is not valid${told.length > 0 ? `: ${told.join("; ")}` : ""}.`;
	return new DarkroomError("invalid_input", { detail, data: { issues: faults } });
}

/** More of them no person reads in one sentence. */
const mostTold = 5;

function accept<Output>(judged: Judged<Output>, what: string): Output {
	if (judged.faults) throw refusalFor(what, judged.faults);
	return judged.value;
}

function toJudged<Output>(result: SchemaResult<Output>, what: string): Judged<Output> {
	if (!result.issues) return result;
	return { faults: result.issues.flatMap((issue) => toFaults(issue, what)) };
}

/** In words for the sender: of a field that is not there, it says nothing what its type would have been. */
function toFaults(issue: SchemaIssue, what: string): Fault[] {
	const path = toPath(issue);
	if (issue.code === "unrecognized_keys" && issue.keys?.length) {
		const message = `is not a field of the ${what}`;
		return issue.keys.map((key) => ({ path: path === "" ? key : `${path}.${key}`, message }));
	}
	const isMissing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
	return [{ path, message: isMissing ? "Required" : inOurWords(issue.message) }];
}

function toPath(issue: SchemaIssue): string {
	return (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
}
