import { describe, expect, test } from "vitest";
import { readJsonBody } from "./json-body.ts";

const limit = 1_024;

function post(body: BodyInit, headers: Record<string, string> = { "content-type": "application/json" }): Request {
	return new Request("http://app.test/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

describe("what is read", () => {
	test.each(["application/json", "application/json; charset=utf-8", "Application/JSON"])("%s", async (type) => {
		expect(await readJsonBody(post('{"a":["ü"]}', { "content-type": type }), limit)).toEqual({ a: ["ü"] });
	});

	test("a body of exactly the limit", async () => {
		const text = JSON.stringify("x".repeat(limit - 2));
		expect(await readJsonBody(post(text), limit)).toHaveLength(limit - 2);
	});
});

describe("what is refused as invalid_input", () => {
	test.each([
		["malformed", "{"],
		["empty", ""],
		["not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
	])("a body that is %s", async (_, body) => {
		await expect(readJsonBody(post(body), limit)).rejects.toMatchObject({ code: "invalid_input", status: 400 });
	});

	test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])(
		"the content type %j",
		async (type) => {
			await expect(readJsonBody(post("{}", { "content-type": type }), limit)).rejects.toMatchObject({
				code: "invalid_input",
				detail: expect.stringContaining("application/json"),
			});
		},
	);

	test("a body that breaks off, with its cause", async () => {
		const cause = new Error("socket hang up");
		const body = new ReadableStream({ pull: (controller) => controller.error(cause) });
		await expect(readJsonBody(post(body), limit)).rejects.toMatchObject({ code: "invalid_input", cause });
	});
});

describe("a body over the limit", () => {
	test("is read no further than the limit and then cancelled", async () => {
		let pulled = 0;
		let isCancelled = false;
		const body = new ReadableStream<Uint8Array>(
			{
				pull(controller) {
					pulled += 256;
					controller.enqueue(new Uint8Array(256).fill(0x20));
				},
				cancel() {
					isCancelled = true;
				},
			},
			{ highWaterMark: 0 },
		);
		await expect(readJsonBody(post(body), limit)).rejects.toMatchObject({
			code: "too_large",
			status: 413,
			data: { limit },
		});
		expect(pulled).toBe(limit + 256);
		expect(isCancelled).toBe(true);
	});

	test("is not read at all when its length is declared", async () => {
		let pulled = 0;
		const body = new ReadableStream<Uint8Array>({ pull: () => void pulled++ }, { highWaterMark: 0 });
		const headers = { "content-type": "application/json", "content-length": String(limit + 1) };
		await expect(readJsonBody(post(body, headers), limit)).rejects.toMatchObject({ code: "too_large" });
		expect(pulled).toBe(0);
	});
});
