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
 * body ends before the part does, or a second such part follows; cancelling it cancels the request's body.
 * @throws `invalid_input` when the body is not multipart, is cut off, or has no such part, as where the file has another
 * name; `too_large` (data: `limit`) when other parts take too much.
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
				if (await isFileAmongRest(reader, delimiter)) throw secondFile();
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
	let misnamed: string | undefined;
	for (;;) {
		for (let piece = await reader.readBefore(delimiter); piece; piece = await reader.readBefore(delimiter)) {
			skipped = withinLimit(skipped + piece.length, misnamed);
		}
		const headers = await readHeaders(reader);
		if (headers === undefined) throw missingFile(misnamed);
		const disposition = dispositionOf(headers);
		if (isFile(disposition)) return;
		if (disposition.filename) misnamed = disposition.name;
		// Counted also where a part is empty, for the number of parts has no limit of its own.
		skipped = withinLimit(skipped + delimiter.length + headers.length, misnamed);
	}
}

/** A browser sends a file field in which nothing was chosen with an empty file name. */
function isFile({ name, filename }: Disposition): boolean {
	return name === field && filename !== "";
}

/**
 * Whether one more file follows the first. Only a short rest is taken at all: a server that leaves one may have to drop
 * the connection. The file is complete, so what else may be wrong with the rest does not matter to anyone.
 */
async function isFileAmongRest(reader: DelimitedReader, delimiter: Uint8Array): Promise<boolean> {
	try {
		for (let passed = 0; passed <= othersLimitBytes; ) {
			const headers = await readHeaders(reader);
			if (headers === undefined) break;
			if (isFile(dispositionOf(headers))) return true;
			passed += delimiter.length + headers.length;
			let piece = await reader.readBefore(delimiter);
			for (; piece && passed <= othersLimitBytes; piece = await reader.readBefore(delimiter)) passed += piece.length;
		}
		await reader.drain(othersLimitBytes);
	} catch (error) {
		await reader.cancel(error);
	}
	return false;
}

/** @throws `too_large` when other parts take too much, `invalid_input` when one of them looks like the file itself */
function withinLimit(skipped: number, misnamed: string | undefined): number {
	if (skipped <= othersLimitBytes) return skipped;
	if (misnamed !== undefined) throw missingFile(misnamed);
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

interface Disposition {
	readonly name: string | undefined;
	readonly filename: string | undefined;
}

/** `name` and `filename` of `Content-Disposition: form-data; name="file"; filename="cat.jpg"`, quoted or not. */
function dispositionOf(headers: string): Disposition {
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

/** @param misnamed the part that holds a file instead, where there is one */
function missingFile(misnamed?: string): DarkroomError {
	const where = misnamed === undefined ? "" : ` There is one in the part named "${misnamed.slice(0, 40)}".`;
	return new DarkroomError("invalid_input", {
		detail: `The upload has no file in the part named "${field}". Send it as that part.${where}`,
		data: { issues: [{ path: field, message: "Required" }] },
	});
}

function secondFile(): DarkroomError {
	return new DarkroomError("invalid_input", {
		detail: `The upload has several parts named "${field}". Send one file at a time.`,
		data: { issues: [{ path: field, message: "Must be given once" }] },
	});
}

function malformed(why: string): DarkroomError {
	return new DarkroomError("invalid_input", {
		detail: `The upload is not valid multipart/form-data: ${why}.`,
		data: { issues: [{ path: field, message: `Not readable: ${why}.` }] },
	});
}
