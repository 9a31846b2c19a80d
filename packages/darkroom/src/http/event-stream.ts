import type { Clock } from "../core/clock.ts";
import type { JobSnapshot } from "../core/job.ts";
import type { Darkroom, Watch } from "../engine/darkroom.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { type JobAnswer, jobEvent, readyEvent } from "./protocol.ts";

/**
 * Server-Sent Events of one viewer's jobs (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 *
 *     retry ── job job … (what was missed) ── ready ── job · heartbeat · job … ── end
 *
 * - Each `job` and the `ready` carry the cursor to come back with as their `id`. Whatever ends a stream, the watcher
 *   reconnects with the last one it has read and misses nothing; so a stream may be ended at any time, and is: when
 *   the runtime stops, when the client goes, when it reads too slowly, and when the stream is old.
 * - Cheap, for there are thousands: no timer of its own, and a job is encoded once for all who watch it.
 */
export interface EventStreamRequest {
	readonly darkroom: Darkroom;
	readonly viewer: string;
	/** Undefined: begins with the viewer's active jobs. */
	readonly cursor: number | undefined;
	/** The request's. */
	readonly signal: AbortSignal;
	readonly heartbeat: Heartbeat;
	readonly clock: Clock;
}

/** Bytes that may wait for a reader. Above it the stream ends, so that one who never reads costs no more. */
export const backlogLimitBytes = 256 * 1024;

/** The same until `ready`: what was missed comes faster than anyone can read, and has to get through as a whole. */
const catchUpLimitBytes = 4 * 1024 * 1024;

/** A stream this old ends, so that the viewer is asked for again: who signed out learns no more after it. */
export const streamLifetimeMs = 30 * 60_000;

const encoder = new TextEncoder();
/** Sent first: it gets the headers through proxies, and asks browsers to come back after one second. */
const opening = encoder.encode("retry: 1000\n\n");
const heartbeatComment = encoder.encode(":\n\n");

export function openEventStream(request: EventStreamRequest): ReadableStream<Uint8Array> {
	let release = () => {};
	return new ReadableStream<Uint8Array>(
		{
			start(controller) {
				release = follow(request, controller);
			},
			cancel() {
				release();
			},
		},
		new ByteLengthQueuingStrategy({ highWaterMark: backlogLimitBytes }),
	);
}

/** Writes what the viewer's jobs do until the stream ends; the result stops it without closing the stream. */
function follow(request: EventStreamRequest, controller: ReadableStreamDefaultController<Uint8Array>): () => void {
	const { darkroom, viewer, cursor, signal, heartbeat, clock } = request;
	const openedAt = clock.now();
	let isOpen = true;
	let isCatchingUp = true;
	let watch: Watch | undefined;

	const release = () => {
		isOpen = false;
		watch?.stop();
		leave();
		signal.removeEventListener("abort", end);
	};
	const end = () => {
		if (!isOpen) return;
		release();
		controller.close();
	};
	const send = (chunk: Uint8Array) => {
		if (!isOpen) return;
		// Asked before and not after, so that a job of any size gets through to a reader who keeps up.
		const backlog = backlogLimitBytes - (controller.desiredSize ?? 0);
		if (backlog >= (isCatchingUp ? catchUpLimitBytes : backlogLimitBytes)) return end();
		controller.enqueue(chunk);
	};
	const leave = heartbeat.join(() => (clock.now() - openedAt >= streamLifetimeMs ? end() : send(heartbeatComment)));

	signal.addEventListener("abort", end, { once: true });
	send(opening);
	try {
		watch = darkroom.watch({
			viewer,
			...(cursor === undefined ? {} : { cursor }),
			onJob: (job, seen) => send(encodeJob(job, seen)),
			onEnd: end,
		});
	} catch (error) {
		release();
		throw error;
	}
	if (signal.aborted) end();
	watch.ready.then((seen) => {
		send(encoder.encode(`event: ${readyEvent}\nid: ${seen}\ndata: {}\n\n`));
		isCatchingUp = false;
	}, end);
	return release;
}

/** The last encoding of a snapshot: the runtime gives the same object to all who watch the same owner. */
const encodings = new WeakMap<JobSnapshot, { readonly cursor: number; readonly chunk: Uint8Array }>();

function encodeJob(job: JobSnapshot, cursor: number): Uint8Array {
	const known = encodings.get(job);
	if (known?.cursor === cursor) return known.chunk;
	const data = JSON.stringify({ job } satisfies JobAnswer);
	const chunk = encoder.encode(`event: ${jobEvent}\nid: ${cursor}\ndata: ${data}\n\n`);
	encodings.set(job, { cursor, chunk });
	return chunk;
}
