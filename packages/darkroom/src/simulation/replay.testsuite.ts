import { isDarkroomError } from "../core/errors.ts";
import type { Claim, Claimed, Store, Swept } from "../store/store.ts";
import type { Backend } from "./database.testsuite.ts";
import { type Method, methods } from "./store-call.testsuite.ts";

/** A transition that a store was asked for, as it was asked, and what it answered, without what each store does its own way. */
export interface Recorded {
	readonly method: Method;
	readonly args: readonly unknown[];
	readonly answer: string;
	/** Those of a claim, in the order in which they were given out. */
	readonly leaseTokens: readonly string[];
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** The same backend; what its stores commit is put at the end of `tape`, in the order of the commits. */
export function recording(backend: Backend, tape: Recorded[]): Backend {
	const record = (method: Method, call: Call): Call => {
		return (...args) => {
			const answered = call(...args);
			// Before whoever asked: on an answer that came, nothing can have been committed since.
			answered.then(
				(value) => tape.push(recorded(method, args, value)),
				(error: unknown) => tape.push(recorded(method, args, error)),
			);
			return answered;
		};
	};
	return { ...backend, connect: (defer) => overTransitions(backend.connect(defer), record) };
}

function overTransitions(store: Store, record: (method: Method, call: Call) => Call): Store {
	const wrapped = Object.entries(methods)
		.filter(([, sort]) => sort === "transition")
		.map(([name]) => [name, record(name as Method, store[name as Method] as Call)]);
	return { ...store, ...Object.fromEntries(wrapped) };
}

function recorded(method: Method, args: readonly unknown[], value: unknown): Recorded {
	const leaseTokens = method === "claimJobs" ? (value as Claimed[]).map(({ job }) => job.leaseToken ?? "") : [];
	return { method, args, answer: inWords(method, value), leaseTokens };
}

/** Asks `store` for the same, one after the other. The result is the first that it answers otherwise; undefined: none. */
export async function replay(tape: readonly Recorded[], store: Store): Promise<string | undefined> {
	for (const [index, { method, args, answer, leaseTokens }] of tape.entries()) {
		const call = store[method] as Call;
		const given = method === "claimJobs" ? [{ ...(args[0] as Claim), newLeaseToken: handOut(leaseTokens) }] : args;
		const other = await call(...given).then(
			(value) => inWords(method, value),
			(error: unknown) => inWords(method, error),
		);
		if (other !== answer) return `${index}: ${method} ${JSON.stringify(args)}\nwas    ${answer}\nis now ${other}`;
	}
	return undefined;
}

/** A store that makes more tokens than it has jobs for gets others in the end. */
function handOut(tokens: readonly string[]): () => string {
	let next = 0;
	return () => tokens[next++] ?? `left-over-${next}`;
}

/** Everything of these owners, as they can read it. */
export async function holdings(store: Store, owners: readonly string[]): Promise<string[]> {
	const all: string[] = [];
	for (const owner of owners) {
		const jobs = await store.listJobs({ viewer: owner, limit: 1_000 });
		const entries = await store.listEntries(owner, 1_000);
		const balance = await store.readBalance(owner);
		all.push(...[...jobs, ...entries, { owner, balance }].map((row) => JSON.stringify(row, inOrder)).sort());
	}
	return all;
}

function inWords(method: Method, value: unknown): string {
	if (isDarkroomError(value)) return `refused: ${value.code} ${JSON.stringify(value.data, inOrder)}`;
	if (value instanceof Error) return `failed: ${String(value)}`;
	if (method === "extendLeases") return JSON.stringify((value as string[]).toSorted());
	if (method === "sweep") return sweptInWords(value as Swept);
	return JSON.stringify(value, inOrder) ?? "done";
}

/** What a sweep ends, it ends in any order; when the next is due is said as far as a store knows. */
function sweptInWords({ ended, returned, woken }: Swept): string {
	const jobs = ended.map((job) => JSON.stringify(job, inOrder)).sort();
	return `${jobs.join()} ended, ${returned} returned, ${woken} woken`;
}

/** Names in their order, and without the change numbers, in which a store may leave gaps. */
function inOrder(_: string, value: unknown): unknown {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
	const named = Object.entries(value).filter(([name]) => name !== "change");
	return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}
