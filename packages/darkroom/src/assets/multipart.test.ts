import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openMultipartFile } from "./multipart.ts";
import { readUpload } from "./upload.ts";

const boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW";
const type = `multipart/form-data; boundary=${boundary}`;

describe("the file of a form", () => {
	test("is what a browser's own FormData put in, other fields before and after it", async () => {
		const form = new FormData();
		form.append("note", "before");
		form.append("file", new File([new Uint8Array([1, 13, 10, 2])], 'a "quoted"; name=other.jpg'), 'x"; name="y.jpg');
		form.append("tail", "after");
		const request = new Request("http://studio.test/uploads", { method: "POST", body: form });
		expect([...(await fileOf(request))]).toEqual([1, 13, 10, 2]);
	});

	test("may be empty", async () => {
		expect(await fileOf(ofChunks(form(part("file", ""))))).toHaveLength(0);
	});

	test("keeps line breaks, dashes and what almost is the boundary", async () => {
		const almost = `\r\n\r\n--${boundary.slice(0, -1)}!\r\n--\r--${boundary}\n--${boundary}\r\n-`;
		expect(text(await fileOf(ofChunks(form(part("file", almost)))))).toBe(almost);
	});

	test("is the same however the body is cut into chunks", async () => {
		const bytes = fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b).toString("latin1"));
		const tricky = fc
			.array(fc.constantFrom("\r", "\n", "-", `\r\n--${boundary.slice(0, 9)}`, "x"))
			.map((p) => p.join(""));
		const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
		await fc.assert(
			fc.asyncProperty(fc.oneof(bytes, tricky), cuts, async (content, sizes) => {
				const body = `preamble${form(part("note", "before"), part("file", content), part("tail", "after"))}epilogue`;
				expect(text(await fileOf(ofChunks(...cut(body, sizes))))).toBe(content);
			}),
		);
	});

	test.each([
		["a quoted boundary", `multipart/form-data; boundary="${boundary}"`],
		["a boundary after a charset, in any case", `Multipart/Form-Data; charset=utf-8; BOUNDARY=${boundary}`],
	])("is found with %s", async (_, contentType) => {
		expect(text(await fileOf(ofChunks(form(part("file", "bytes"))), contentType))).toBe("bytes");
	});

	test("is found with an unquoted name, and by its name alone, not by a file name that looks like it", async () => {
		const decoy = `--${boundary}\r\nContent-Disposition: form-data; name="x"; filename="; name=\\"file\\""\r\n\r\ndecoy\r\n`;
		const plain = `--${boundary}\r\ncontent-disposition: form-data; name=file; filename=a.png\r\n\r\nbytes\r\n`;
		expect(text(await fileOf(ofChunks(`${decoy}${plain}--${boundary}--\r\n`)))).toBe("bytes");
	});
});

describe("a body without a usable file is invalid_input naming `file`", () => {
	const refusal = { code: "invalid_input", data: { issues: [{ path: "file" }] } };

	test.each([
		["JSON", "application/json"],
		["no boundary", "multipart/form-data"],
		["another multipart", `multipart/mixed; boundary=${boundary}`],
		["a boundary that is too long", `multipart/form-data; boundary=${"x".repeat(71)}`],
	])("%s", async (_, contentType) => {
		await expect(fileOf(ofChunks(form(part("file", "bytes"))), contentType)).rejects.toMatchObject(refusal);
	});

	test("no content type, and no body", async () => {
		const post = { method: "POST" };
		await expect(openMultipartFile(new Request("http://studio.test", post))).rejects.toMatchObject(refusal);
		const headers = { "content-type": type };
		const empty = new Request("http://studio.test", { ...post, headers });
		await expect(openMultipartFile(empty)).rejects.toMatchObject(refusal);
	});

	test.each([
		["other fields only", form(part("note", "text"), part("photo", "bytes"))],
		["no fields at all", `--${boundary}--\r\n`],
		["the end without its line break", `--${boundary}--`],
		["a file field in which nothing was chosen", form(part("file", "", 'filename=""'))],
		["a part without headers", `--${boundary}\r\n\r\nbytes\r\n--${boundary}--\r\n`],
		["headers without end", `--${boundary}\r\nX: ${"x".repeat(20_000)}`],
	])("%s", async (_, body) => {
		await expect(fileOf(ofChunks(body))).rejects.toMatchObject(refusal);
	});

	test("a file under another name, however large it is; the sentence says where it is", async () => {
		for (const length of [10, 200_000]) {
			const body = form(part("photo", "x".repeat(length), 'filename="cat.jpg"'));
			const words = { detail: expect.stringContaining('"photo"') };
			await expect(fileOf(ofChunks(...cut(body, [1_024])))).rejects.toMatchObject({ ...refusal, ...words });
		}
	});

	test.each([
		["at once", []],
		["after another field", [part("note", "between")]],
	])("a second file, %s, however the body is cut into chunks", async (_, between) => {
		const body = form(part("file", "one"), ...between, part("file", "two"));
		for (const size of [1, 7, 10_000]) {
			await expect(fileOf(ofChunks(...cut(body, [size])))).rejects.toMatchObject({
				code: "invalid_input",
				data: { issues: [{ path: "file", message: "Must be given once" }] },
			});
		}
	});

	test("a body that is cut off anywhere before the file has ended", async () => {
		const whole = form(part("note", "before"), part("file", "some bytes"));
		const end = whole.lastIndexOf(`--${boundary}--`) + `--${boundary}`.length;
		for (let length = 0; length < end; length++) {
			await expect(fileOf(ofChunks(whole.slice(0, length)))).rejects.toMatchObject(refusal);
		}
		expect(text(await fileOf(ofChunks(whole.slice(0, end))))).toBe("some bytes");
	});

	test("a connection that fails in the middle, with its cause", async () => {
		const cause = new Error("socket hang up");
		const begun = form(part("file", "some bytes")).slice(0, -60);
		const { request } = watched([begun], (controller) => controller.error(cause));
		await expect(fileOf(request)).rejects.toMatchObject({ ...refusal, cause });
	});
});

describe("no more of the body is read than is wanted", () => {
	const kilobyte = "k".repeat(1_024);
	const head = form(part("file", "")).slice(0, -`\r\n--${boundary}--\r\n`.length);

	test("a file over the limit stops the reading at the limit", async () => {
		const body = watched([head, ...Array(1_000).fill(kilobyte)]);
		await expect(readUpload(await openMultipartFile(body.request), 10 * 1_024)).rejects.toMatchObject({
			code: "too_large",
			data: { limit: 10_240 },
		});
		// The head, ten chunks, and what it takes to see that there is more.
		expect(body.pulled).toBeLessThanOrEqual(13);
		expect(body.cancelled).toBe(true);
	});

	test("opening reads only up to the file", async () => {
		const body = watched([head, ...Array(1_000).fill(kilobyte)]);
		await openMultipartFile(body.request);
		expect(body.pulled).toBe(1);
	});

	test.each([
		["a preamble", []],
		["a field before the file", [form(part("note", "")).slice(0, -`\r\n--${boundary}--\r\n`.length)]],
	])("%s without end is too_large", async (_, first) => {
		const body = watched([...first, ...Array(1_000).fill(kilobyte)]);
		await expect(fileOf(body.request)).rejects.toMatchObject({ code: "too_large" });
		expect(body.pulled).toBeLessThanOrEqual(67);
		expect(body.cancelled).toBe(true);
	});

	test("small parts without end are too_large", async () => {
		const small = `--${boundary}\r\n\r\n\r\n`;
		const body = watched(Array(10_000).fill(small));
		await expect(fileOf(body.request)).rejects.toMatchObject({ code: "too_large" });
		expect(body.pulled).toBeLessThan(5_000);
	});

	test("after the file a short rest is taken, and an endless one is cancelled", async () => {
		const short = watched([form(part("file", "bytes")), kilobyte, kilobyte]);
		expect(text(await fileOf(short.request))).toBe("bytes");
		expect([short.pulled, short.cancelled]).toEqual([3, false]);

		const endless = watched([form(part("file", "bytes")), ...Array(1_000).fill(kilobyte)]);
		expect(text(await fileOf(endless.request))).toBe("bytes");
		expect(endless.pulled).toBeLessThanOrEqual(67);
		expect(endless.cancelled).toBe(true);
	});
});

function part(name: string, content: string, filename = name === "file" ? 'filename="cat.jpg"' : ""): string {
	const disposition = `Content-Disposition: form-data; name="${name}"${filename && `; ${filename}`}`;
	return `--${boundary}\r\n${disposition}\r\nContent-Type: image/jpeg\r\n\r\n${content}\r\n`;
}

function form(...parts: string[]): string {
	return `${parts.join("")}--${boundary}--\r\n`;
}

/** A text, in which each character is a byte, cut into pieces of these sizes, over and over. */
function cut(body: string, sizes: readonly number[]): string[] {
	const pieces: string[] = [];
	for (let at = 0, i = 0; at < body.length; i++) {
		const size = sizes[i % sizes.length] ?? 1;
		pieces.push(body.slice(at, at + size));
		at += size;
	}
	return pieces;
}

function ofChunks(...chunks: string[]): (contentType?: string) => Request {
	return (contentType = type) => watched(chunks, undefined, contentType).request;
}

async function fileOf(given: Request | ((contentType?: string) => Request), contentType?: string): Promise<Uint8Array> {
	const request = given instanceof Request ? given : given(contentType);
	return readUpload(await openMultipartFile(request), 1_000_000);
}

/** A request whose body knows how many chunks were taken from it. */
function watched(
	chunks: readonly string[],
	atEnd: (controller: ReadableStreamDefaultController<Uint8Array>) => void = (controller) => controller.close(),
	contentType = type,
) {
	const state = { pulled: 0, cancelled: false };
	const body = new ReadableStream<Uint8Array>(
		{
			pull(controller) {
				const chunk = chunks[state.pulled];
				if (chunk === undefined) return atEnd(controller);
				state.pulled++;
				controller.enqueue(Buffer.from(chunk, "latin1"));
			},
			cancel() {
				state.cancelled = true;
			},
		},
		{ highWaterMark: 0 },
	);
	const headers = { "content-type": contentType };
	const request = new Request("http://studio.test/uploads", {
		method: "POST",
		headers,
		body,
		duplex: "half",
	} as RequestInit);
	return Object.assign(state, { request });
}

function text(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("latin1");
}
