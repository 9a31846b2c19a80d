import { brokenOff } from "./upload.ts";

/**
 * Reads a stream in pieces that end at a delimiter, however its chunks are cut. It holds one chunk at a time and
 * asks for the next only when it needs it.
 */
export interface DelimitedReader {
	/**
	 * The next bytes before `delimiter`, or undefined when it has come (and is passed over).
	 * @throws `invalid_input` when the stream ends or fails before.
	 */
	readBefore(delimiter: Uint8Array): Promise<Uint8Array | undefined>;
	/** The next `count` bytes, which stay to be read. @throws `invalid_input` when the stream ends or fails before. */
	peek(count: number): Promise<Uint8Array>;
	/** Reads on and throws away, to the end or to `limitBytes`, and then wants nothing more. Never fails. */
	drain(limitBytes: number): Promise<void>;
	/** Wants nothing more. Never fails. */
	cancel(reason: unknown): Promise<void>;
}

/** Locks the stream. @param head bytes that are read as if they came first. */
export function createDelimitedReader(stream: ReadableStream<Uint8Array>, head: Uint8Array): DelimitedReader {
	const reader = stream.getReader();
	let rest: Buffer = Buffer.from(head);

	async function readMore(): Promise<void> {
		const { done, value } = await reader.read().catch((cause) => {
			throw brokenOff(cause);
		});
		if (done) throw brokenOff(undefined);
		rest = Buffer.concat([rest, value]);
	}

	async function cancel(reason: unknown): Promise<void> {
		// A stream that has failed cannot be cancelled, and needs not be.
		await reader.cancel(reason).catch(() => {});
	}

	return {
		async readBefore(delimiter) {
			for (;;) {
				const found = rest.indexOf(delimiter);
				if (found === 0) {
					rest = rest.subarray(delimiter.length);
					return undefined;
				}
				// Where it is not found whole, it may still have begun in the last bytes.
				const safe = found > 0 ? found : rest.length - delimiter.length + 1;
				if (safe > 0) {
					const piece = rest.subarray(0, safe);
					rest = rest.subarray(safe);
					return piece;
				}
				await readMore();
			}
		},
		async peek(count) {
			while (rest.length < count) await readMore();
			return rest.subarray(0, count);
		},
		async drain(limitBytes) {
			let drained = rest.length;
			while (drained <= limitBytes) {
				// The file is complete; what fails after it does not matter to anyone.
				const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
				if (done) return;
				drained += value?.byteLength ?? 0;
			}
			await cancel(undefined);
		},
		cancel,
	};
}
