import { DarkroomError, isDarkroomError } from "../core/errors.ts";

/**
 * The request's JSON, of at most `limitBytes`; no more than that is ever read, whatever the sender declared.
 * @throws `too_large` (data: `limit`), `invalid_input` when it is not `application/json`, broken off or malformed.
 */
export async function readJsonBody(request: Request, limitBytes: number): Promise<unknown> {
	if (!/^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? "")) {
		throw invalid('The body must be JSON: send "Content-Type: application/json".');
	}
	if (Number(request.headers.get("content-length")) > limitBytes) throw tooLarge(limitBytes);
	const text = decode(await readBytes(request, limitBytes));
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw invalid(text === "" ? "The body is empty; it must be JSON." : "The body is not well-formed JSON.", cause);
	}
}

async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	try {
		// Leaving the loop by the throw cancels the stream.
		for await (const chunk of request.body ?? []) {
			size += chunk.byteLength;
			if (size > limitBytes) throw tooLarge(limitBytes);
			chunks.push(chunk);
		}
	} catch (error) {
		if (isDarkroomError(error)) throw error;
		throw invalid("The body broke off before its end.", error);
	}
	return Buffer.concat(chunks, size);
}

function decode(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (cause) {
		throw invalid("The body is not UTF-8 text.", cause);
	}
}

function invalid(detail: string, cause?: unknown): DarkroomError {
	return new DarkroomError("invalid_input", { detail, data: { issues: [{ path: "", message: detail }] }, cause });
}

function tooLarge(limitBytes: number): DarkroomError {
	return new DarkroomError("too_large", {
		detail: `The body is larger than ${limitBytes} bytes. Upload files to /uploads and send their references.`,
		data: { limit: limitBytes },
	});
}
