import { seededUlid } from "./ids.testsuite.ts";
import type { InngestEvent } from "./wire.testsuite.ts";

/** An event that was sent to the server and answered with 200. */
export interface AcceptedEvent extends InngestEvent {
	/** The server's own id for it, which the sender is given; a new one each time, even for an `id` that came before. */
	readonly internalId: string;
	/** Size of the event on the wire, as JSON. */
	readonly bytes: number;
	/** It was answered, and then lost. */
	readonly isLost: boolean;
}

const mostEvents = 5_000;
const largestEventBytes = 3_145_728;

/**
 * The events of a request, as the real server reads them.
 * @param seed the header `x-inngest-event-id-seed`.
 * @throws {Error} when the real server answers 400.
 */
export function readEvents(body: string, seed: string | undefined, nowMs: number, isLost: boolean): AcceptedEvent[] {
	const sent = [JSON.parse(body) as SentEvent | SentEvent[]].flat();
	if (sent.length > mostEvents) throw new Error(`a batch has at most ${mostEvents} events`);
	return sent.map((event, index) => {
		const bytes = Buffer.byteLength(JSON.stringify(event));
		if (!event.name) throw new Error("event name is empty");
		if (event.name.startsWith("inngest/")) throw new Error(`event name is reserved for internal use: ${event.name}`);
		if (bytes > largestEventBytes) throw new Error(`event is larger than ${largestEventBytes} bytes`);
		const internalId = seededUlid(seed, index, nowMs);
		return {
			id: event.id || internalId,
			name: event.name,
			data: event.data ?? {},
			user: event.user ?? {},
			ts: event.ts ?? nowMs,
			...(event.v !== undefined && { v: event.v }),
			internalId,
			bytes,
			isLost,
		};
	});
}

type SentEvent = Partial<InngestEvent>;
