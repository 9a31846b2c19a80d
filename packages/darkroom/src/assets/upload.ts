import { DarkroomError, isDarkroomError } from "../core/errors.ts";

/** Most uploads are larger than this; it doubles from here, so that tiny ones do not cost the whole limit. */
const firstBufferBytes = 64 * 1024;

/**
 * All bytes of an upload, of at most `limitBytes`. The sender is never believed about its length: the bytes are
 * counted, and the first chunk that passes the limit ends the reading and cancels the stream.
 * @throws `too_large` (data: `limit`), `invalid_input` when the sender breaks off.
 */
export async function readUpload(body: ReadableStream<Uint8Array>, limitBytes: number): Promise<Uint8Array> {
	const reader = body.getReader();
	let buffer = new Uint8Array(Math.min(firstBufferBytes, limitBytes));
	let length = 0;
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return buffer.subarray(0, length);
			if (length + value.byteLength > limitBytes) throw uploadTooLarge(limitBytes);
			buffer = withRoom(buffer, length, length + value.byteLength, limitBytes);
			// Copied, for a chunk may be a small window on a large buffer that it would keep alive.
			buffer.set(value, length);
			length += value.byteLength;
		}
	} catch (error) {
		// The sender may be gone already; what matters is that nothing more is asked of it.
		await reader.cancel(error).catch(() => {});
		throw isDarkroomError(error) ? error : brokenOff(error);
	}
}

/** What a stream that failed under our hands means to the person who sent it. */
export function brokenOff(cause: unknown): DarkroomError {
	return new DarkroomError("invalid_input", {
		detail: "The upload broke off before it was complete. Try again.",
		data: { issues: [{ path: "file", message: "The upload broke off." }] },
		cause,
	});
}

/** What an upload over the limit gets, whether it was counted or declared. */
export function uploadTooLarge(limitBytes: number): DarkroomError {
	const megabytes = Math.round((limitBytes / 1024 / 1024) * 100) / 100;
	return new DarkroomError("too_large", {
		detail: `The file is larger than ${megabytes} MB (${limitBytes} bytes), the most that is accepted.`,
		data: { limit: limitBytes },
	});
}

/** @throws `unreadable_image` (data: `limit`) where a side of the picture has fewer than `minSidePixels`. */
export function refuseTooSmall(
	{ width, height }: { readonly width: number; readonly height: number },
	minSidePixels: number,
): void {
	if (Math.min(width, height) >= minSidePixels) return;
	throw new DarkroomError("unreadable_image", {
		detail: `The picture is too small: it has ${width} × ${height} pixels, and each side needs at least ${minSidePixels}. Use a larger one.`,
		data: { limit: minSidePixels },
	});
}

function withRoom(
	buffer: Uint8Array<ArrayBuffer>,
	used: number,
	needed: number,
	limit: number,
): Uint8Array<ArrayBuffer> {
	if (needed <= buffer.length) return buffer;
	const larger = new Uint8Array(Math.min(limit, Math.max(needed, buffer.length * 2)));
	larger.set(buffer.subarray(0, used));
	return larger;
}
