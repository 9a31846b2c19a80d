import { ask, type HttpAnswer } from "./http.testsuite.ts";
import { functionUuid } from "./ids.testsuite.ts";
import type { Work } from "./queue.testsuite.ts";
import type { Run } from "./run.testsuite.ts";
import { canonicalJson, isSigned, sign } from "./signature.testsuite.ts";
import type { CallBody } from "./wire.testsuite.ts";

/** Larger bodies are sent without steps and events, and the SDK asks for those (`use_api`). */
const largestBodyBytes = 4 * 1024 * 1024;

/** A request to the app. */
export interface Call {
	readonly run: Run;
	readonly functionId: string;
	/** `step` for the function as a whole, else the id of the step that it is to run. */
	readonly stepId: string;
	/** Counted from 0. */
	readonly attempt: number;
	readonly requestId: string;
	readonly body: CallBody;
	/** The latest; undefined before it has come, and when none came. */
	answer: HttpAnswer | undefined;
	/** The same request once more, as late as the test likes. The server takes nothing from its answer. */
	again(): Promise<HttpAnswer>;
}

export interface CallOptions {
	readonly isDev: boolean;
	readonly signingKey: string | undefined;
	readonly checkpointing: boolean;
	/** Aborted, every request is given up. */
	readonly signal: AbortSignal;
}

/** The request that this work asks for, as the run stands now. */
export function prepareCall(work: Work, requestId: string, options: CallOptions): Call {
	const { run, stepId, attempt } = work;
	const body = bodyOf(work, options);
	const call: Call = {
		run,
		functionId: run.functionId,
		stepId,
		attempt,
		requestId,
		body,
		answer: undefined,
		again: () => send(call, work, options),
	};
	return call;
}

/** @throws {Error} when the app cannot be reached, or when its answer is not signed with the key. */
export async function send(call: Call, work: Work, options: CallOptions): Promise<HttpAnswer> {
	const url = new URL(call.run.fn.url);
	url.searchParams.set("stepId", call.stepId);
	const text = canonicalJson(call.body);
	const headers: Record<string, string> = {
		"x-inngest-server-kind": options.isDev ? "dev" : "cloud",
		"x-inngest-req-version": String(call.body.version),
		"x-run-id": call.run.id,
		"x-request-id": call.requestId,
		"x-inngest-job-id": work.queueItemId,
		"x-inngest-generation-id": String(work.generation),
	};
	if (options.signingKey) headers["x-inngest-signature"] = sign(text, options.signingKey);
	call.run.calls++;
	const answer = unwrap(await ask("POST", url.href, text, headers, options.signal));
	const isGood = answer.status >= 200 && answer.status < 300;
	if (isGood && options.signingKey && !options.isDev) {
		const isSignedByApp = isSigned(answer.body, options.signingKey, answer.headers["x-inngest-signature"]);
		if (!isSignedByApp) throw new Error(`The answer of ${url.href} is not signed with the server's key.`);
	}
	return answer;
}

/** A streamed answer has its status and headers inside. */
function unwrap(answer: HttpAnswer): HttpAnswer {
	if (answer.status !== 201) return answer;
	const inner = JSON.parse(answer.body) as HttpAnswer;
	return { ...inner, headers: { ...answer.headers, ...inner.headers } };
}

function bodyOf({ run, attempt, queueItemId }: Work, { checkpointing }: CallOptions): CallBody {
	const body: CallBody = {
		version: run.version,
		event: run.event,
		events: [run.event],
		steps: Object.fromEntries(run.steps.map(({ id, state }) => [id, state])),
		use_api: false,
		ctx: {
			run_id: run.id,
			...(checkpointing && { fn_id: functionUuid(run.functionId), qi_id: queueItemId }),
			env: "",
			step_id: "step",
			attempt,
			max_attempts: run.fn.maxAttempts,
			disable_immediate_execution: run.isPlanned,
			use_api: false,
			stack: { stack: run.steps.map(({ id }) => id), current: run.steps.length },
		},
	};
	if (Buffer.byteLength(JSON.stringify(body)) <= largestBodyBytes) return body;
	return { ...body, events: [], steps: {}, use_api: true, ctx: { ...body.ctx, use_api: true } };
}
