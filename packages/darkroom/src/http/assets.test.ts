import { createHash } from "node:crypto";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formWith, openTestServer, type TestServer, testPhoto } from "./http.testsuite.ts";
import type { AssetSnapshot, UploadAnswer } from "./protocol.ts";

let server: TestServer;
let asset: AssetSnapshot;
let whole: Uint8Array;

const get = (query = "", headers: Record<string, string> = {}, method = "GET") =>
	server.call("ada", method, `/assets/${asset.id}${query}`, { headers });

beforeEach(async () => {
	server = await openTestServer();
	const response = await server.call("ada", "POST", "/uploads", { body: formWith(await testPhoto()) });
	expect(response.status).toBe(201);
	asset = ((await response.json()) as UploadAnswer).asset;
	expect(response.headers.get("location")).toBe(`/api/assets/${asset.id}`);
	whole = await (await get()).bytes();
});

afterEach(() => server.close());

test("an upload is answered with what the picture is", () => {
	expect(asset).toMatchObject({ contentType: "image/jpeg", width: 800, height: 800, size: whole.length });
});

test("the bytes come as the picture they are, kept by the viewer's browser alone, and never run as a page", async () => {
	const response = await get();
	expect(Object.fromEntries(response.headers)).toEqual({
		"accept-ranges": "bytes",
		"cache-control": "private, max-age=31536000, immutable",
		"content-disposition": "inline",
		"content-length": String(asset.size),
		"content-security-policy": "default-src 'none'; sandbox",
		"content-type": "image/jpeg",
		etag: `"${asset.id}"`,
		"x-content-type-options": "nosniff",
	});
	expect((await sharp(await response.bytes()).metadata()).width).toBe(800);
});

test("`?download` names a file to save", async () => {
	const response = await get("?download");
	expect(response.headers.get("content-disposition")).toBe(`attachment; filename="${asset.id}.jpeg"`);
	expect(await response.bytes()).toEqual(whole);
});

test.each([
	["plushie-of-a-fox", "plushie-of-a-fox"],
	['x"; filename="evil.exe', "x filenameevil.exe"],
	["../../.ssh/k\r\ney\u0007", "sshkey"],
	["..", undefined],
	["小猫", undefined],
	["a".repeat(300), "a".repeat(100)],
])("`?download=%s` is no more than a file's name", async (wanted, name) => {
	const response = await get(`?download=${encodeURIComponent(wanted)}`);
	await response.bytes();
	expect(response.headers.get("content-disposition")).toBe(`attachment; filename="${name ?? asset.id}.jpeg"`);
});

test("a HEAD has the headers of its GET and no body", async () => {
	for (const query of ["", "?w=64"]) {
		const [head, full] = [await get(query, {}, "HEAD"), await get(query)];
		expect(head.body).toBeNull();
		expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(full.headers));
		await full.bytes();
	}
});

describe("a thumbnail", () => {
	test("is the picture no wider than the next size up, and is kept under a tag of its own", async () => {
		const response = await get("?w=100");
		expect(response.status).toBe(200);
		expect(response.headers.get("etag")).not.toBe(`"${asset.id}"`);
		const bytes = await response.bytes();
		expect(response.headers.get("content-length")).toBe(String(bytes.length));
		expect((await sharp(bytes).metadata()).width).toBe(128);
	});

	test("is always whole", async () => {
		expect((await get("?w=64", { range: "bytes=0-9" })).status).toBe(200);
	});

	test.each(["0", "-5", "wide", "1.5", "", "10001"])("of the width %j is 400", async (width) => {
		const response = await get(`?w=${width}`);
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ code: "invalid_input", issues: [{ path: "w" }] });
	});
});

describe("a browser that has it already", () => {
	test("gets 304 and no bytes", async () => {
		const response = await get("", { "if-none-match": `"${asset.id}"` });
		expect(response.status).toBe(304);
		expect(response.headers.get("cache-control")).toContain("immutable");
		expect(response.body).toBeNull();
	});

	test("as a thumbnail gets the whole picture when it asks for that", async () => {
		const tag = (await get("?w=64")).headers.get("etag") ?? "";
		expect((await get("", { "if-none-match": tag })).status).toBe(200);
		expect((await get("?w=64", { "if-none-match": tag })).status).toBe(304);
	});
});

describe("a range", () => {
	test("is that part of the bytes", async () => {
		const response = await get("", { range: "bytes=10-29" });
		expect(response.status).toBe(206);
		expect(response.headers.get("content-range")).toBe(`bytes 10-29/${asset.size}`);
		expect(response.headers.get("content-length")).toBe("20");
		expect(await response.bytes()).toEqual(whole.slice(10, 30));
	});

	test("by range, the parts make the whole", async () => {
		const half = Math.floor(asset.size / 2);
		const hash = createHash("sha256");
		for (const range of [`bytes=0-${half - 1}`, `bytes=${half}-`])
			hash.update(await (await get("", { range })).bytes());
		expect(hash.digest("hex")).toBe(createHash("sha256").update(whole).digest("hex"));
	});

	test("beyond the end is 416, a problem like any other, and names the size", async () => {
		const response = await get("", { range: `bytes=${asset.size}-` });
		expect(response.status).toBe(416);
		expect(response.headers.get("content-range")).toBe(`bytes */${asset.size}`);
		expect(response.headers.get("content-type")).toBe("application/problem+json");
		expect(response.headers.get("cache-control")).toBe("no-store");
		expect(await response.json()).toMatchObject({ status: 416, code: "range_not_satisfiable", size: asset.size });
	});

	test("of other bytes than the sender has is answered with the whole", async () => {
		const range = "bytes=0-9";
		expect((await get("", { range, "if-range": '"something-else"' })).status).toBe(200);
		expect((await get("", { range, "if-range": `"${asset.id}"` })).status).toBe(206);
	});
});
