import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LogFields, type Logger, silentLogger } from "../core/logger.ts";
import { embedded } from "../create-darkroom.ts";
import { defineJob } from "../engine/define-job.ts";
import { RefusingStore } from "../engine/suite/refusing-store.testsuite.ts";
import { sqlite } from "../store/sqlite/index.ts";
import { streamLifetimeMs } from "./event-stream.ts";
import { createHandler } from "./handler.ts";
import { openTestServer, readEvents, type TestServer } from "./http.testsuite.ts";
import type { JobAnswer, JobSnapshot, JobsAnswer } from "./protocol.ts";

let server: TestServer;
let lines: { level: string; fields: LogFields; message: string }[];

beforeEach(async () => {
	lines = [];
	const log = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
	const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
	server = await openTestServer({ handler: { logger, cronSecret: "open sesame" } });
	await server.darkroom.grantCredits({ owner: "ada", amount: 5, key: "starter" });
});

afterEach(() => server.close());

async function jobOf(response: Response): Promise<JobSnapshot> {
	return ((await response.json()) as JobAnswer).job;
}

test("while the store is away, requests say so to whoever asks, and once to the log", async () => {
	const refusing = new RefusingStore(["listJobs"]);
	const own = sqlite(server.databasePath);
	const handler = { logger: { ...silentLogger, error: (_: LogFields, message: string) => void said.push(message) } };
	const said: string[] = [];
	const other = await openTestServer({ darkroom: { store: refusing.between(own) }, handler });
	refusing.isAway = true;
	for (let asked = 0; asked < 3; asked++) expect((await other.call("ada", "GET", "/jobs")).status).toBe(503);
	expect(said).toEqual(["request failed"]);
	await other.close();
});

test("a job that another process has left goes on with the first request, though nobody submits or starts anything", async () => {
	const serving = await openTestServer({ darkroom: { engine: embedded({ concurrency: 0 }) } });
	const { id } = await serving.submit("ada", "echo", { text: "a" });
	const next = await openTestServer({ darkroom: { store: sqlite(serving.databasePath) }, isStarted: false });
	const ended = next.finish("ada", id);
	expect((await next.call("ada", "GET", `/jobs/${id}`)).status).toBe(200);
	expect((await ended).status).toBe("completed");
	await next.close();
	await serving.close();
});

describe("jobs", () => {
	test("a submit is accepted at once and says where to look", async () => {
		const response = await server.call("ada", "POST", "/jobs/wait", { body: { input: { pages: 2 } } });
		expect(response.status).toBe(202);
		const job = await jobOf(response);
		expect(response.headers.get("location")).toBe(`/api/jobs/${job.id}`);
		expect(job).toMatchObject({ kind: "wait", price: 2, charged: 0, input: { pages: 2 } });
		expect(await (await server.call("ada", "GET", "/credits")).json()).toEqual({ posted: 5, held: 2, available: 3 });
	});

	test("a read of what has not changed is 304, and of what has is 200 with another tag", async () => {
		const { id } = await server.submit("ada", "echo", { text: "a" });
		await server.finish("ada", id);
		const first = await server.call("ada", "GET", `/jobs/${id}`);
		expect(first.headers.get("cache-control")).toBe("private, no-cache");
		const etag = first.headers.get("etag") ?? "";
		const headers = { "if-none-match": etag };
		const second = await server.call("ada", "GET", `/jobs/${id}`, { headers });
		expect(second.status).toBe(304);
		expect(second.headers.get("etag")).toBe(etag);
		expect(await second.text()).toBe("");

		const waiting = await server.submit("ada", "illustrate", { story: "42" });
		const before = (await server.call("ada", "GET", `/jobs/${waiting.id}`)).headers.get("etag") ?? "";
		await server.call("ada", "DELETE", `/jobs/${waiting.id}`);
		const after = await server.call("ada", "GET", `/jobs/${waiting.id}`, { headers: { "if-none-match": before } });
		expect(after.status).toBe(200);
		expect(after.headers.get("etag")).not.toBe(before);
	});

	test("a read is answered alike by its plain address and by one that only the router understands", async () => {
		const { id } = await server.submit("ada", "echo", { text: "a" });
		await server.finish("ada", id);
		const answers = [];
		for (const path of [`/jobs/${id}`, `/jobs/${id}?again=1`, `/jobs/${id.replace("0", "%30")}`]) {
			const response = await server.call("ada", "GET", path);
			answers.push([response.status, [...response.headers], await response.text()]);
			expect((await server.call("eve", "GET", path)).status).toBe(404);
			expect((await server.call(null, "GET", path)).status).toBe(401);
		}
		expect(answers[0]).toMatchObject([200, expect.anything(), expect.stringContaining(id)]);
		expect(answers[1]).toEqual(answers[0]);
		expect(answers[2]).toEqual(answers[0]);
		expect((await server.call("ada", "GET", `/elsewhere/${id}`)).status).toBe(404);
		expect((await server.call("ada", "GET", `/jobs/${id}/`)).status).toBe(404);
	});

	test("a list is newest first, page by page, by kind, subject and several statuses", async () => {
		const ids: string[] = [];
		for (const text of ["a", "b", "c"]) ids.unshift((await server.submit("ada", "echo", { text })).id);
		for (const id of ids) await server.finish("ada", id);
		const refused = await server.finish("ada", (await server.submit("ada", "refuse", {})).id);
		const story = await server.submit("ada", "illustrate", { story: "42" });
		const list = async (query: string) =>
			(await (await server.call("ada", "GET", `/jobs${query}`)).json()) as JobsAnswer;

		const first = await list("?kind=echo&limit=2");
		expect(first.jobs.map(({ id }) => id)).toEqual(ids.slice(0, 2));
		const second = await list(`?kind=echo&limit=2&cursor=${encodeURIComponent(first.nextCursor ?? "")}`);
		expect(second.jobs.map(({ id }) => id)).toEqual(ids.slice(2));
		expect(second.nextCursor).toBeNull();
		expect((await list("?status=queued,running")).jobs.map(({ id }) => id)).toEqual([story.id]);
		expect((await list("?subject=story:42")).jobs.map(({ id }) => id)).toEqual([story.id]);
		expect((await list("?status=failed")).jobs.map(({ id }) => id)).toEqual([refused.id]);
	});

	test("a DELETE cancels and gives the hold back; a retry puts the job back in the queue", async () => {
		const { id } = await server.submit("ada", "wait", { pages: 2 });
		const cancelled = await server.call("ada", "DELETE", `/jobs/${id}`);
		expect(cancelled.status).toBe(200);
		expect(await jobOf(cancelled)).toMatchObject({ id, status: "cancelled", charged: 0 });
		expect(await (await server.call("ada", "GET", "/credits")).json()).toMatchObject({ held: 0, available: 5 });

		const retried = await server.call("ada", "POST", `/jobs/${id}/retry`);
		expect(retried.status).toBe(202);
		expect(retried.headers.get("location")).toBe(`/api/jobs/${id}`);
		server.openGate();
		expect(await server.finish("ada", id)).toMatchObject({ status: "completed", charged: 2 });
	});

	test("a job that is still active cannot be retried: 409", async () => {
		const { id } = await server.submit("ada", "wait", {});
		const response = await server.call("ada", "POST", `/jobs/${id}/retry`);
		expect(response.status).toBe(409);
		expect(await response.json()).toMatchObject({ code: "invalid_transition" });
	});

	test("clearing a subject fails its stuck job, says so, and lets the next one start", async () => {
		const { id } = await server.submit("ada", "illustrate", { story: "42" });
		const response = await server.call("ada", "POST", "/jobs/clear", { body: { subject: "story:42" } });
		expect(response.status).toBe(200);
		expect(await jobOf(response)).toMatchObject({ id, status: "failed", error: { code: "cleared" } });
		expect((await server.submit("ada", "illustrate", { story: "42" })).id).not.toBe(id);
	});
});

test("cron with the secret works off what is due and says whether any is left", async () => {
	const response = await server.call(null, "POST", "/process-generation-jobs", {
		headers: { authorization: "Bearer open sesame", "sec-fetch-site": "cross-site" },
	});
	expect(response.status).toBe(200);
	expect(await response.json()).toEqual({ claimed: expect.any(Number), remaining: false });
});

describe("the log", () => {
	test("has one debug line a request, with the route's pattern and never what was asked or sent", async () => {
		const { id } = await server.submit("ada", "echo", { text: "a secret wish" });
		await server.call("ada", "GET", `/jobs/${id}?subject=secret`);
		await server.call("ada", "GET", "/secret");
		expect(lines.map(({ level, fields }) => ({ level, ...fields, durationMs: typeof fields.durationMs }))).toEqual([
			{ level: "debug", method: "POST", route: "/jobs/:kind", status: 202, durationMs: "number" },
			{ level: "debug", method: "GET", route: "/jobs/:id", status: 200, durationMs: "number" },
			{ level: "debug", method: "GET", route: "none", status: 404, durationMs: "number" },
		]);
		expect(JSON.stringify(lines)).not.toMatch(/secret|ada/);
	});

	test("has the error that the answer must not show", async () => {
		const failure = new Error("session store at redis://:secret@cache is gone");
		const log = { debug: () => {}, info: () => {}, warn: () => {} };
		const errors: LogFields[] = [];
		const handle = createHandler(server.darkroom, {
			viewer: () => Promise.reject(failure),
			logger: { ...log, error: (fields) => void errors.push(fields) },
		});
		const response = await handle(new Request("http://app.test/api/credits"));
		expect(response.status).toBe(500);
		expect(await response.text()).not.toContain("redis");
		expect(errors).toEqual([{ route: "/credits", err: failure }]);
	});
});

describe("where it is mounted", () => {
	test.each([
		["", "/credits"],
		["/", "/credits"],
		["/v1/darkroom/", "/v1/darkroom/credits"],
	])("at %j it answers %s", async (basePath, path) => {
		const handle = createHandler(server.darkroom, { viewer: () => "ada", basePath });
		expect((await handle(new Request(`http://app.test${path}`))).status).toBe(200);
		expect((await handle(new Request("http://app.test/api/credits"))).status).toBe(404);
	});
});

test("a kind that `POST /jobs/clear` would hide is refused at the start", async () => {
	const { input, output } = server.darkroom.definitions.get("refuse") ?? {};
	if (!input || !output) throw new Error("The definition is missing.");
	const hidden = defineJob({ kind: "clear", input, output, run: async () => ({}) });
	server.darkroom.define([...server.darkroom.definitions.values(), hidden]);
	expect(() => createHandler(server.darkroom, { viewer: () => "ada" })).toThrow(
		expect.objectContaining({ code: "misconfigured" }),
	);
});

test("an event stream that has nothing to say beats with the clock, and an old one ends", async () => {
	let now = 0;
	const timers: (() => void)[] = [];
	const clock = {
		now: () => now,
		after: (_delayMs: number, callback: () => void) => {
			timers.push(callback);
			return () => timers.splice(timers.indexOf(callback), 1);
		},
	};
	const handle = createHandler(server.darkroom, { viewer: () => "ada", clock });
	const events = readEvents(await handle(new Request("http://app.test/api/events")));
	await events.until(({ event }) => event === "ready");
	const beatAll = () => {
		for (let turn = 0; turn < 16; turn++) timers.shift()?.();
	};
	beatAll();
	expect((await events.next())?.event).toBe("comment");
	now = streamLifetimeMs;
	beatAll();
	expect(await events.next()).toBeUndefined();
	expect(timers).toEqual([]);
});
