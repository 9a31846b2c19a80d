import { DarkroomError } from "../core/errors.ts";
import { createDelimitedReader, type DelimitedReader } from "./delimited-reader.ts";

/**
 * The one file of a `multipart/form-data` body (RFC 7578), as a stream. `request.formData()` keeps the whole
 * body in memory before anyone can say that it is too large; here nothing is read before it is asked for, so
 * that who reads the file (`readUpload`) decides how much of the body is ever taken.
 *
 *     preamble  --boundary CRLF headers CRLF CRLF bytes  CRLF--boundary …  CRLF--boundary--  epilogue
 */
const field = "file";

/** Bytes of all other parts together, before the file or after it: enough for any form's fields. */
const othersLimitBytes = 64 * 1024;
/** Bytes of one part's headers. */
const headersLimitBytes = 8 * 1024;

const endOfHeaders = Buffer.from("\r\n\r\n");

/**
 * The bytes of the part named `file`. Other parts are passed over. The stream fails with `invalid_input` when the
 * body ends before the part does; cancelling it cancels the request's body.
 * @throws `invalid_input` when the body is not multipart, is cut off, or has no such part; `too_large` (data: `limit`)
 * when other parts take too much.
 */
export async function openMultipartFile(request: Request): Promise<ReadableStream<Uint8Array>> {
	const boundary = boundaryOf(request.headers.get("content-type"));
	if (!request.body) throw missingFile();
	// Every delimiter but the first begins with the line break before it; given one, the first does too.
	const reader = createDelimitedReader(request.body, Buffer.from("\r\n"));
	const delimiter = Buffer.from(`\r\n--${boundary}`);
	try {
		await findFile(reader, delimiter);
	} catch (error) {
		await reader.cancel(error);
		throw error;
	}
	return new ReadableStream(
		{
			async pull(controller) {
				const piece = await reader.readBefore(delimiter);
				if (piece) return controller.enqueue(piece);
				// A server that cannot take the rest of a body may have to drop the connection, so a short rest is taken.
				await reader.drain(othersLimitBytes);
				controller.close();
			},
			cancel: (reason) => reader.cancel(reason),
		},
		{ highWaterMark: 0 },
	);
}

/** Leaves the reader at the first byte of the file. */
async function findFile(reader: DelimitedReader, delimiter: Uint8Array): Promise<void> {
	let skipped = 0;
	for (;;) {
		for (let piece = await reader.readBefore(delimiter); piece; piece = await reader.readBefore(delimiter)) {
			skipped = withinLimit(skipped + piece.length);
		}
		const headers = await readHeaders(reader);
		if (headers === undefined) throw missingFile();
		const { name, filename } = dispositionOf(headers);
		// A browser sends a file field in which nothing was chosen with an empty file name.
		if (name === field && filename !== "") return;
		// Counted also where a part is empty, for the number of parts has no limit of its own.
		skipped = withinLimit(skipped + delimiter.length + headers.length);
	}
}

/** @throws `too_large` when other parts take too much */
function withinLimit(skipped: number): number {
	if (skipped <= othersLimitBytes) return skipped;
	throw new DarkroomError("too_large", {
		detail: `The upload holds more than ${othersLimitBytes} bytes besides the part named "${field}".`,
		data: { limit: othersLimitBytes },
	});
}

/** The lines between a delimiter and a part's bytes; undefined after the last delimiter, which goes on with `--`. */
async function readHeaders(reader: DelimitedReader): Promise<string | undefined> {
	if (Buffer.from(await reader.peek(2)).toString("latin1") === "--") return undefined;
	let text = "";
	for (let piece = await reader.readBefore(endOfHeaders); piece; piece = await reader.readBefore(endOfHeaders)) {
		text += Buffer.from(piece).toString("latin1");
		if (text.length > headersLimitBytes) throw malformed("the headers of a part are too long");
	}
	return text;
}

/** `name` and `filename` of `Content-Disposition: form-data; name="file"; filename="cat.jpg"`, quoted or not. */
function dispositionOf(headers: string): { name: string | undefined; filename: string | undefined } {
	const parameters = /^content-disposition:[ \t]*form-data(.*)$/im.exec(headers)?.[1] ?? "";
	const values = new Map<string, string>();
	for (const [, name, quoted, plain] of parameters.matchAll(/;[ \t]*([\w*-]+)=(?:"((?:\\.|[^"\\])*)"|([^;]*))/g)) {
		if (name) values.set(name.toLowerCase(), quoted ?? plain ?? "");
	}
	return { name: values.get("name"), filename: values.get("filename") };
}

function boundaryOf(contentType: string | null): string {
	const [, quoted, plain] =
		/^multipart\/form-data[ \t]*;.*\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType ?? "") ?? [];
	const boundary = quoted ?? plain;
	if (boundary) return boundary;
	throw new DarkroomError("invalid_input", {
		detail: `An upload must be multipart/form-data with a part named "${field}".`,
		data: { issues: [{ path: field, message: "The body is not multipart/form-data." }] },
	});
}

function missingFile(): DarkroomError {
	return new DarkroomError("invalid_input", {
		detail: `The upload has no file. Send it as the part named "${field}".`,
		data: { issues: [{ path: field, message: "Required." }] },
	});
}

function malformed(why: string): DarkroomError {
	return new DarkroomError("invalid_input", {
		detail: `The upload is not valid multipart/form-data: ${why}.`,
		data: { issues: [{ path: field, message: `Not readable: ${why}.` }] },
	});
}
