import { z } from "zod";
import { parse } from "../../core/schema.ts";
import { openEventStream } from "../event-stream.ts";
import { parameter, readQuery } from "../query.ts";
import type { ViewerExchange, ViewerRoute } from "../route.ts";

const cursor = parameter.regex(/^\d{1,15}$/, "must be the id of an event").optional();
const resumption = z.object({ cursor });

export const eventRoutes: readonly ViewerRoute[] = [
	{ access: "viewer", method: "GET", path: "/events", handle: events },
];

/**
 * A browser that reconnects by itself repeats the address it was given, with its old `?cursor=`, and adds
 * `Last-Event-ID`; so the header is the newer of the two and wins.
 */
async function events({ request, query, viewer, server }: ViewerExchange): Promise<Response> {
	const { cursor: asked } = await readQuery({ cursor }, query());
	const lastSeen = request.headers.get("last-event-id") || undefined;
	const resumed = await parse(resumption, { cursor: lastSeen }, "header");
	const from = resumed.cursor ?? asked;
	const stream = openEventStream({
		darkroom: server.darkroom,
		viewer,
		cursor: from === undefined ? undefined : Number(from),
		signal: request.signal,
		heartbeat: server.heartbeat,
		clock: server.clock,
	});
	return new Response(stream, {
		headers: {
			"content-type": "text/event-stream; charset=utf-8",
			// Without `no-transform` a compressing proxy (and Next.js) holds events back until its buffer is full.
			"cache-control": "no-cache, no-transform",
			"x-accel-buffering": "no",
		},
	});
}
