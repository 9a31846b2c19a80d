import { expect, test } from "vitest";
import { brokenOff, readUpload } from "./upload.ts";

test("an upload of exactly the limit is read whole, byte for byte", async () => {
	const source = counting([10, 200_000, 1, 99_989]);
	const bytes = await readUpload(source.stream, 300_000);
	expect(bytes).toHaveLength(300_000);
	expect([bytes[0], bytes[10], bytes[200_010], bytes[200_011]]).toEqual([0, 1, 2, 3]);
	expect(source.cancelled).toBe(false);
});

test("an empty upload is no bytes", async () => {
	expect(await readUpload(counting([]).stream, 10)).toHaveLength(0);
});

test("an upload over the limit is refused with the limit, cancelled, and read no further", async () => {
	const source = counting(Array(1_000).fill(1_024));
	await expect(readUpload(source.stream, 10 * 1_024)).rejects.toMatchObject({
		code: "too_large",
		status: 413,
		data: { limit: 10_240 },
	});
	// The eleventh chunk is the one that showed it.
	expect(source.pulled).toBe(11);
	expect(source.cancelled).toBe(true);
});

test("one byte over the limit is too much", async () => {
	await expect(readUpload(counting([5, 6]).stream, 10)).rejects.toMatchObject({ code: "too_large" });
});

test("a sender that breaks off is told so, with the cause kept", async () => {
	const cause = new Error("socket hang up");
	const stream = new ReadableStream<Uint8Array>({
		pull(controller) {
			controller.error(cause);
		},
	});
	await expect(readUpload(stream, 10)).rejects.toMatchObject({ code: "invalid_input", cause });
});

test("what the stream itself says in our words is passed on as it is", async () => {
	const own = brokenOff(undefined);
	const stream = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(own) });
	await expect(readUpload(stream, 10)).rejects.toBe(own);
});

/** A stream of chunks of these sizes, each filled with its number, that knows how much of it was taken. */
function counting(sizes: readonly number[]) {
	const source = { pulled: 0, cancelled: false, stream: new ReadableStream<Uint8Array>() };
	source.stream = new ReadableStream<Uint8Array>(
		{
			pull(controller) {
				const size = sizes[source.pulled];
				if (size === undefined) return controller.close();
				controller.enqueue(new Uint8Array(size).fill(source.pulled++));
			},
			cancel() {
				source.cancelled = true;
			},
		},
		{ highWaterMark: 0 },
	);
	return source;
}
