import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSseParser, type ServerSentEvent } from "./sse-parser.ts";

function parse(...chunks: string[]): ServerSentEvent[] {
	const events: ServerSentEvent[] = [];
	const feed = createSseParser((event) => events.push(event));
	for (const chunk of chunks) feed(chunk);
	return events;
}

describe("the event stream parser", () => {
	it("hands over an event when its empty line has come, not before", () => {
		expect(parse("event: job\nid: 7\ndata: {}\n")).toEqual([]);
		expect(parse("event: job\nid: 7\ndata: {}\n", "\n")).toEqual([{ event: "job", data: "{}", id: "7" }]);
	});

	it("joins several data lines by line breaks", () => {
		expect(parse("data: a\ndata:b\ndata\ndata:  c\n\n")).toEqual([{ event: "message", data: "a\nb\n\n c", id: "" }]);
	});

	it("takes LF, CRLF and CR for the end of a line", () => {
		const event = { event: "job", data: "1", id: "2" };
		for (const end of ["\n", "\r\n", "\r"]) {
			// What follows tells a CR at the very end of a chunk from half a CRLF.
			expect(parse(`event: job${end}id: 2${end}data: 1${end}${end}:`)).toEqual([event]);
		}
	});

	it("ignores comments, unknown fields and events without data", () => {
		expect(parse(": heartbeat\n\nretry: 1000\n\nevent: ready\n\nfoo: bar\ndata: 1\n\n")).toEqual([
			{ event: "message", data: "1", id: "" },
		]);
	});

	it("keeps the last id for events that have none, as the standard wants", () => {
		expect(parse("id: 5\ndata: a\n\ndata: b\n\nid\ndata: c\n\n").map((event) => event.id)).toEqual(["5", "5", ""]);
	});

	it("reads the same events wherever the chunks are cut", () => {
		const text =
			'event: job\r\nid: 12\r\ndata: {"job":\r\ndata: {"id":"ü 🧸"}}\r\n\r\n:\r\n\r\nevent: ready\rdata: {}\n\n';
		const whole = parse(text);
		expect(whole).toHaveLength(2);
		fc.assert(
			fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
				const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
				const chunks = edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
				expect(parse(...chunks)).toEqual(whole);
			}),
		);
	});
});
