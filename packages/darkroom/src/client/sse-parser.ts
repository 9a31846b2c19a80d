/** One event of a stream. `id` is the last one seen, as the standard wants it; `event` is `message` by default. */
export interface ServerSentEvent {
	readonly event: string;
	readonly data: string;
	readonly id: string;
}

/**
 * Reads the event stream format (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
 * out of chunks that may end anywhere, also between the two halves of a line break. Feed it text; it calls
 * `onEvent` for each complete event. What was not finished by an empty line is dropped with the parser.
 */
export function createSseParser(onEvent: (event: ServerSentEvent) => void): (chunk: string) => void {
	let rest = "";
	let event = "";
	let data: string[] = [];
	let id = "";

	function takeLine(line: string): void {
		if (line === "") {
			if (data.length > 0) onEvent({ event: event || "message", data: data.join("\n"), id });
			event = "";
			data = [];
			return;
		}
		const colon = line.indexOf(":");
		if (colon === 0) return;
		const field = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
		if (field === "event") event = value;
		else if (field === "data") data.push(value);
		else if (field === "id" && !value.includes("\0")) id = value;
	}

	return (chunk) => {
		rest += chunk;
		let from = 0;
		for (let at = from; at < rest.length; at++) {
			const char = rest[at];
			if (char !== "\n" && char !== "\r") continue;
			// A CR at the very end may be the first half of a CRLF: wait for what follows.
			if (char === "\r" && at + 1 === rest.length) break;
			takeLine(rest.slice(from, at));
			if (char === "\r" && rest[at + 1] === "\n") at++;
			from = at + 1;
		}
		rest = rest.slice(from);
	};
}
