import { z } from "zod";
import { isId } from "../../core/ids.ts";
import { type Fault, judge, parse, refusalFor } from "../../core/schema.ts";
import { type JobStatus, jobStatuses } from "../../core/status.ts";
import type { ListRequest } from "../../engine/darkroom.ts";
import { jobEtag, noneMatchNames } from "../etag.ts";
import { answerJson } from "../json-answer.ts";
import { readJsonBody } from "../json-body.ts";
import type { JobAnswer, JobsAnswer } from "../protocol.ts";
import { parameter, readQuery, wholeNumber } from "../query.ts";
import type { Server, ViewerExchange, ViewerRoute } from "../route.ts";

/** A field that is misspelt would otherwise be ignored: an idempotency key, for one, and the job paid for twice. */
const nothingElse = z.undefined("is not a field of this request");
const submitBody = z
	.object({ input: z.unknown(), idempotencyKey: z.string().min(1).max(200).optional() })
	.catchall(nothingElse);
const clearBody = z.object({ subject: z.string().min(1).max(500) }).catchall(nothingElse);

const filters = {
	kind: parameter.min(1, "must not be empty").optional(),
	// One parameter, however many it names: its fault has no path within it.
	status: parameter
		.transform((names) => names.split(","))
		.refine(areStatuses, `must be one of ${jobStatuses.join(", ")}, or several by commas`)
		.optional(),
	subject: parameter.min(1, "must not be empty").optional(),
	cursor: parameter.refine(isId, "must be the `nextCursor` of a list").optional(),
	limit: wholeNumber("must be a whole number from 1 to 100", { from: 1, to: 100 }).optional(),
};

/** By far the most frequent: everybody who watches by asking again. */
export const readRoute: ViewerRoute = { access: "viewer", method: "GET", path: "/jobs/:id", handle: read };

/** `clear` comes before `:kind`, so a kind of that name cannot be submitted; `createHandler` refuses it. */
export const jobRoutes: readonly ViewerRoute[] = [
	{ access: "viewer", method: "POST", path: "/jobs/clear", handle: clear },
	{ access: "viewer", method: "POST", path: "/jobs/:kind", handle: submit },
	{ access: "viewer", method: "GET", path: "/jobs", handle: list },
	readRoute,
	{ access: "viewer", method: "DELETE", path: "/jobs/:id", handle: cancel },
	{ access: "viewer", method: "POST", path: "/jobs/:id/retry", handle: retry },
];

async function submit({ request, param, viewer, server }: ViewerExchange): Promise<Response> {
	const kind = param("kind");
	const given = await readJsonBody(request, server.jsonLimitBytes);
	const body = await judge(submitBody, given, "body");
	if (body.faults) throw refusalFor("body", [...body.faults, ...(await inputFaults(server, kind, given))]);
	const { input, idempotencyKey } = body.value;
	const job = await server.darkroom.submit(kind, {
		owner: viewer,
		input,
		...(idempotencyKey === undefined ? {} : { idempotencyKey }),
	});
	return accepted(server.basePath, { job });
}

/**
 * What the definition has against the input of a body that is refused already, so that one answer names every fault. Their paths
 * are the input's own, as they are where it alone is wrong: forms look for their fields by them.
 */
async function inputFaults({ darkroom }: Server, kind: string, body: unknown): Promise<readonly Fault[]> {
	const definition = darkroom.definitions.get(kind);
	if (!definition || typeof body !== "object" || body === null || !("input" in body)) return [];
	return (await judge(definition.input, body.input, "input")).faults ?? [];
}

async function list({ query, viewer, server }: ViewerExchange): Promise<Response> {
	const { kind, status, subject, cursor, limit } = await readQuery(filters, query());
	const request: ListRequest = {
		viewer,
		...(kind === undefined ? {} : { kind }),
		...(status === undefined ? {} : { status }),
		...(subject === undefined ? {} : { subject }),
		...(cursor === undefined ? {} : { cursor }),
		...(limit === undefined ? {} : { limit }),
	};
	return answerJson((await server.darkroom.listJobs(request)) satisfies JobsAnswer);
}

async function read({ request, param, viewer, server }: ViewerExchange): Promise<Response> {
	const job = await server.darkroom.getJob({ viewer, jobId: param("id") });
	const etag = jobEtag(job);
	if (noneMatchNames(request.headers.get("if-none-match"), etag)) {
		return new Response(null, { status: 304, headers: { etag, "cache-control": "private, no-cache" } });
	}
	return answerJson({ job } satisfies JobAnswer, { headers: { etag } });
}

async function cancel({ param, viewer, server }: ViewerExchange): Promise<Response> {
	const job = await server.darkroom.cancelJob({ viewer, jobId: param("id") });
	return answerJson({ job } satisfies JobAnswer);
}

async function retry({ param, viewer, server }: ViewerExchange): Promise<Response> {
	const job = await server.darkroom.retryJob({ viewer, jobId: param("id") });
	return accepted(server.basePath, { job });
}

async function clear({ request, viewer, server }: ViewerExchange): Promise<Response> {
	const { subject } = await parse(clearBody, await readJsonBody(request, server.jsonLimitBytes), "body");
	const job = await server.darkroom.clearSubject({ viewer, subject });
	return answerJson({ job } satisfies JobAnswer);
}

function areStatuses(names: string[]): names is JobStatus[] {
	return names.every((name) => (jobStatuses as readonly string[]).includes(name));
}

function accepted(basePath: string, answer: JobAnswer): Response {
	return answerJson(answer, { status: 202, headers: { location: `${basePath}/jobs/${answer.job.id}` } });
}
