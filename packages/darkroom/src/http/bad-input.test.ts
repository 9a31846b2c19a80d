import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blackPng } from "../assets/png.testsuite.ts";
import { formWith, openTestServer, type TestServer, testPhoto } from "./http.testsuite.ts";
import type { JobAnswer, Problem } from "./protocol.ts";
import { routeTable } from "./route-table.ts";

let server: TestServer;

beforeEach(async () => {
	server = await openTestServer();
	await server.darkroom.grantCredits({ owner: "ada", amount: 5, key: "starter" });
});

afterEach(() => server.close());

async function problemOf(response: Response): Promise<Problem> {
	expect(response.headers.get("content-type")).toBe("application/problem+json");
	const problem = (await response.json()) as Problem;
	expect(problem.status).toBe(response.status);
	return problem;
}

async function jobOf(response: Response) {
	return ((await response.json()) as JobAnswer).job;
}

describe("without a session", () => {
	const routes = routeTable.filter((route) => route.access === "viewer");
	test.each(routes.map(({ method, path }) => [method, path] as const))("%s %s is 401", async (method, path) => {
		const response = await server.call(null, method, path.replace(/:\w+/, "x"));
		expect(response.status).toBe(401);
		expect(await problemOf(response)).toMatchObject({ code: "unauthenticated" });
	});

	test("an empty viewer is nobody", async () => {
		expect((await server.call("", "GET", "/credits")).status).toBe(401);
	});
});

describe("a submit that is not valid", () => {
	test.each([
		["malformed JSON", '{"input":', ""],
		["a body that is no object", "[]", ""],
		["a wrong field of the input", { input: { text: 5 } }, "text"],
		["a missing field of the input", { input: {} }, "text"],
		["no input", {}, "input"],
		["a misspelt field beside the input", { input: { text: "a" }, idempotencykey: "k" }, "idempotencykey"],
		["an idempotency key that is no text", { input: { text: "a" }, idempotencyKey: 7 }, "idempotencyKey"],
		["an idempotency key without end", { input: { text: "a" }, idempotencyKey: "k".repeat(201) }, "idempotencyKey"],
	])("%s is 400 with the fault's path", async (_, body, path) => {
		const response = await server.call("ada", "POST", "/jobs/echo", { body });
		expect(response.status).toBe(400);
		const problem = await problemOf(response);
		expect(problem.code).toBe("invalid_input");
		expect(problem.issues?.map((issue) => issue.path)).toContain(path);
	});

	test("of an unknown kind is 404", async () => {
		const response = await server.call("ada", "POST", "/jobs/levitate", { body: { input: {} } });
		expect(response.status).toBe(404);
		expect((await problemOf(response)).code).toBe("unknown_kind");
	});

	test("without an input says that it is required", async () => {
		const problem = await problemOf(await server.call("ada", "POST", "/jobs/echo", { body: {} }));
		expect(problem.issues).toEqual([{ path: "input", message: "Required" }]);
	});

	test("names every fault", async () => {
		const body = { input: {}, idempotencyKey: 7, more: 1 };
		const problem = await problemOf(await server.call("ada", "POST", "/jobs/echo", { body }));
		expect(problem.issues?.map((issue) => issue.path)).toEqual(["idempotencyKey", "more", "text"]);
		for (const path of ["idempotencyKey", "more", "text"]) expect(problem.detail).toContain(`${path}: `);
	});

	test("says so in words that hold nothing of the library that found it", async () => {
		const detailOf = async (kind: string, body: unknown) =>
			(await problemOf(await server.call("ada", "POST", `/jobs/${kind}`, { body }))).detail;
		expect(await detailOf("echo", "[]")).toBe("The body is not valid: must be an object, not an array.");
		expect(await detailOf("wait", { input: { pages: 0 } })).toBe("The input is not valid: pages: must be at least 1.");
		expect(await detailOf("echo", { input: { text: "a" }, idempotencyKey: "" })).toBe(
			"The body is not valid: idempotencyKey: must have at least 1 character.",
		);
	});

	test("names the faults of its input by the same paths whatever stands around it", async () => {
		const input = { pages: 0 };
		const alone = await problemOf(await server.call("ada", "POST", "/jobs/wait", { body: { input } }));
		const among = await problemOf(await server.call("ada", "POST", "/jobs/wait", { body: { input, more: 1 } }));
		expect(alone.issues).toHaveLength(1);
		expect(among.issues).toEqual([expect.objectContaining({ path: "more" }), ...(alone.issues ?? [])]);
		expect(await (await server.call("ada", "GET", "/jobs")).json()).toMatchObject({ jobs: [] });
	});

	test("of an unknown kind names what is wrong around its input", async () => {
		const body = { input: { text: 5 }, more: 1 };
		const problem = await problemOf(await server.call("ada", "POST", "/jobs/levitate", { body }));
		expect(problem).toMatchObject({ status: 400, issues: [{ path: "more" }] });
	});
});

describe("a body over the limit", () => {
	const piece = new Uint8Array(64 * 1024).fill(0x20);

	/** Never ends, and counts what was taken from it. */
	function endless(first: Uint8Array = new Uint8Array()) {
		const state = { taken: 0, isCancelled: false };
		const stream = new ReadableStream<Uint8Array>(
			{
				start: (controller) => first.length > 0 && controller.enqueue(first),
				pull(controller) {
					state.taken += piece.length;
					controller.enqueue(piece);
				},
				cancel() {
					state.isCancelled = true;
				},
			},
			{ highWaterMark: 0 },
		);
		return { stream, state };
	}

	test("of JSON is 413, names the limit, and is read no further", async () => {
		const { stream, state } = endless();
		const response = await server.call("ada", "POST", "/jobs/echo", { body: stream });
		expect(response.status).toBe(413);
		expect(await problemOf(response)).toMatchObject({ code: "too_large", limit: 256 * 1024 });
		expect(state).toEqual({ taken: 256 * 1024 + piece.length, isCancelled: true });
	});

	test("of an upload is 413, names the limit, and is read no further", async () => {
		const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n';
		const { stream, state } = endless(new TextEncoder().encode(head));
		const response = await server.call("ada", "POST", "/uploads", {
			body: stream,
			headers: { "content-type": "multipart/form-data; boundary=b" },
		});
		const limit = server.darkroom.uploadLimitBytes;
		expect(response.status).toBe(413);
		expect(await problemOf(response)).toMatchObject({ code: "too_large", limit });
		expect(state.isCancelled).toBe(true);
		expect(state.taken).toBeLessThanOrEqual(limit + 2 * piece.length);
	});

	test("of an upload that declares its length is not read at all", async () => {
		const { stream, state } = endless();
		const response = await server.call("ada", "POST", "/uploads", {
			body: stream,
			headers: { "content-type": "multipart/form-data; boundary=b", "content-length": String(2 ** 40) },
		});
		expect(response.status).toBe(413);
		expect(state.taken).toBe(0);
	});

	test("of an upload is told in the same words whether its length was declared or counted", async () => {
		const send = async (body: BodyInit, length: Record<string, string>) => {
			const headers = { "content-type": "multipart/form-data; boundary=b", ...length };
			return problemOf(await server.call("ada", "POST", "/uploads", { body, headers }));
		};
		const head = new TextEncoder().encode('--b\r\ncontent-disposition: form-data; name="file"\r\n\r\n');
		const counted = await send(endless(head).stream, {});
		const declared = await send(endless(head).stream, { "content-length": String(2 ** 40) });
		expect(declared).toEqual(counted);
		expect(counted.detail).toContain("10 MB");
	});
});

describe("an upload", () => {
	async function upload(file: Blob, name?: string): Promise<Problem> {
		return problemOf(await server.call("ada", "POST", "/uploads", { body: formWith(file, name) }));
	}

	test("that is not the image it claims to be is 415", async () => {
		const page = new Blob(["<html><script>alert(1)</script></html>"], { type: "image/png" });
		expect(await upload(page, "cat.png")).toMatchObject({ status: 415, code: "unsupported_image" });
	});

	test("that is truncated is 422", async () => {
		const photo = await testPhoto();
		expect(await upload(photo.slice(0, photo.size / 2))).toMatchObject({ status: 422, code: "unreadable_image" });
	});

	test("that unfolds into far too many pixels is 422", async () => {
		const blackOf = (side: number) => new Blob([new Uint8Array(blackPng(side, side))], { type: "image/png" });
		expect(await upload(blackOf(12_000))).toMatchObject({ status: 422, code: "unreadable_image" });
		const smaller = await server.call("ada", "POST", "/uploads", { body: formWith(blackOf(1_200), "black.png") });
		expect(smaller.status).toBe(201);
	});

	test("of two files is 400 and keeps neither", async () => {
		const form = formWith(await testPhoto());
		form.append("file", await testPhoto(), "second.jpg");
		const problem = await problemOf(await server.call("ada", "POST", "/uploads", { body: form }));
		expect(problem).toMatchObject({ status: 400, code: "invalid_input", issues: [{ path: "file" }] });
		const database = new DatabaseSync(server.databasePath);
		expect(database.prepare("SELECT count(*) AS n FROM assets").get()).toEqual({ n: 0 });
		database.close();
	});

	test("without a file, or that is no form, is 400 and says which field", async () => {
		const form = new FormData();
		form.set("note", "no file here");
		const withoutFile = await problemOf(await server.call("ada", "POST", "/uploads", { body: form }));
		const noForm = await problemOf(await server.call("ada", "POST", "/uploads", { body: { file: "x" } }));
		for (const problem of [withoutFile, noForm]) {
			expect(problem).toMatchObject({ status: 400, code: "invalid_input", issues: [{ path: "file" }] });
		}
	});
});

describe("a submit that is refused", () => {
	test("for want of credits is 402 with needed and available, and holds nothing", async () => {
		const response = await server.call("ada", "POST", "/jobs/wait", { body: { input: { pages: 6 } } });
		expect(response.status).toBe(402);
		expect(await problemOf(response)).toMatchObject({ code: "insufficient_credits", needed: 6, available: 5 });
		expect(await (await server.call("ada", "GET", "/credits")).json()).toEqual({ posted: 5, held: 0, available: 5 });
	});

	test("for its subject is 409 with the active job's id, status and age", async () => {
		const first = await server.submit("ada", "illustrate", { story: "42" });
		const response = await server.call("ada", "POST", "/jobs/illustrate", { body: { input: { story: "42" } } });
		expect(response.status).toBe(409);
		const problem = await problemOf(response);
		expect(problem).toMatchObject({ code: "conflict", jobId: first.id, ageMs: expect.any(Number) });
		expect(["queued", "running"]).toContain(problem.jobStatus);
	});

	test("for the owner's limit is 429 with limit and active count, and says when to come back", async () => {
		await server.submit("ada", "wait", {});
		await server.submit("ada", "wait", {});
		const response = await server.call("ada", "POST", "/jobs/wait", { body: { input: {} } });
		expect(response.status).toBe(429);
		expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
		expect(await problemOf(response)).toMatchObject({ code: "too_many_active", limit: 2, active: 2 });
	});
});

describe("the same idempotency key again", () => {
	const send = (pages: number) =>
		server.call("ada", "POST", "/jobs/wait", { body: { input: { pages }, idempotencyKey: "press-1" } });

	test("is the same job and no second hold", async () => {
		const [first, second] = [await send(2), await send(2)];
		expect([first.status, second.status]).toEqual([202, 202]);
		expect((await jobOf(second)).id).toBe((await jobOf(first)).id);
		expect(await (await server.call("ada", "GET", "/credits")).json()).toMatchObject({ held: 2 });
	});

	test("with another input is 409", async () => {
		await send(2);
		const response = await send(3);
		expect(response.status).toBe(409);
		expect((await problemOf(response)).code).toBe("idempotency_mismatch");
	});
});

describe("a list's filter that makes no sense is 400 with its path", () => {
	test.each([
		["status=done", "status"],
		["status=queued,done", "status"],
		["limit=0", "limit"],
		["limit=101", "limit"],
		["limit=ten", "limit"],
		["limit=1.5", "limit"],
		["limit=0x10", "limit"],
		["limit=", "limit"],
		["kind=", "kind"],
		["cursor=", "cursor"],
		["cursor=yesterday", "cursor"],
		["subjet=story:1", "subjet"],
		["kind=echo&kind=wait", "kind"],
		["status=failed&Limit=5", "Limit"],
	])("%s", async (query, path) => {
		const response = await server.call("ada", "GET", `/jobs?${query}`);
		expect(response.status).toBe(400);
		const problem = await problemOf(response);
		expect(problem.code).toBe("invalid_input");
		expect(problem.issues?.map((issue) => issue.path)).toEqual([path]);
	});

	test("and every fault is named at once", async () => {
		const query = "subjet=a&limit=0&status=done,gone&cursor=yesterday";
		const problem = await problemOf(await server.call("ada", "GET", `/jobs?${query}`));
		expect(problem.issues?.map((issue) => issue.path).sort()).toEqual(["cursor", "limit", "status", "subjet"]);
	});
});

test.each([
	["/assets/x?width=64", "width"],
	["/assets/x?w=64&w=128", "w"],
	["/assets/x?w=6e1", "w"],
	["/events?curser=5", "curser"],
	["/events?cursor=5&cursor=6", "cursor"],
])("a parameter that %s does not take is 400 with its path", async (path, fault) => {
	const problem = await problemOf(await server.call("ada", "GET", path));
	expect(problem).toMatchObject({ status: 400, code: "invalid_input", issues: [{ path: fault }] });
});

test.each(["x", "-1", "1e3", "9".repeat(30)])("the cursor %j is 400", async (cursor) => {
	for (const response of [
		await server.call("ada", "GET", `/events?cursor=${cursor}`),
		await server.call("ada", "GET", "/events", { headers: { "last-event-id": cursor } }),
	]) {
		expect(await problemOf(response)).toMatchObject({ status: 400, issues: [{ path: "cursor" }] });
	}
});

test("a change from another site's page is 403 and changes nothing", async () => {
	const job = await server.submit("ada", "wait", {});
	const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.test" };
	const response = await server.call("ada", "DELETE", `/jobs/${job.id}`, { headers });
	expect(response.status).toBe(403);
	expect((await problemOf(response)).code).toBe("cross_origin");
	const still = await jobOf(await server.call("ada", "GET", `/jobs/${job.id}`));
	expect(["queued", "running"]).toContain(still.status);
});

describe("the cron route", () => {
	test.each(["POST", "GET"])("%s with a wrong or missing secret is 401", async (method) => {
		const guarded = await openTestServer({ handler: { cronSecret: "open sesame" } });
		try {
			for (const headers of [{}, { authorization: "Bearer guess" }, { authorization: "open sesame" }]) {
				const response = await guarded.call(null, method, "/process-generation-jobs", { headers });
				expect(response.status).toBe(401);
				expect((await problemOf(response)).code).toBe("bad_signature");
			}
		} finally {
			await guarded.close();
		}
	});

	test("is closed to everybody where no secret is configured", async () => {
		for (const headers of [{}, { authorization: "Bearer " }, { authorization: "Bearer undefined" }]) {
			expect((await server.call("ada", "POST", "/process-generation-jobs", { headers })).status).toBe(401);
		}
	});
});

describe("addresses and methods that do not exist", () => {
	test.each(["/", "/job", "/jobs/x/y/z", "/jobs/", "/assets"])("GET %s is 404", async (path) => {
		const response = await server.call("ada", "GET", path);
		expect(response.status).toBe(404);
		expect((await problemOf(response)).code).toBe("not_found");
	});

	test.each([
		["PUT", "/jobs/x", "GET, HEAD, POST, DELETE"],
		["PATCH", "/jobs", "GET, HEAD"],
		["DELETE", "/uploads", "POST"],
		["POST", "/assets/x", "GET, HEAD"],
		["GET", "/jobs/x/retry", "POST"],
		["DELETE", "/process-generation-jobs", "GET, HEAD, POST"],
	])("%s %s is 405 and says what is allowed", async (method, path, allow) => {
		const response = await server.call("ada", method, path);
		expect(response.status).toBe(405);
		expect(response.headers.get("allow")).toBe(allow);
		expect((await problemOf(response)).code).toBe("method_not_allowed");
	});
});

describe("when the store cannot answer", () => {
	test("a locked database is 503 with Retry-After, and what was accepted is kept", async () => {
		const job = await server.submit("ada", "wait", {});
		const other = new DatabaseSync(server.databasePath);
		other.exec("BEGIN IMMEDIATE");
		try {
			const response = await server.call("ada", "POST", "/jobs/wait", { body: { input: {} } });
			expect(response.status).toBe(503);
			expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
			expect((await problemOf(response)).code).toBe("store_unavailable");
		} finally {
			other.exec("ROLLBACK");
			other.close();
		}
		expect((await server.call("ada", "GET", `/jobs/${job.id}`)).status).toBe(200);
		expect(await (await server.call("ada", "GET", "/credits")).json()).toMatchObject({ held: 1 });
	});

	test("a stopped runtime is 503 with Retry-After", async () => {
		await server.darkroom.stop();
		const response = await server.call("ada", "POST", "/jobs/echo", { body: { input: { text: "a" } } });
		expect(response.status).toBe(503);
		expect(response.headers.get("retry-after")).not.toBeNull();
	});
});
