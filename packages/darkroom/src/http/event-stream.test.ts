import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { embedded } from "../create-darkroom.ts";
import type { Darkroom } from "../engine/darkroom.ts";
import { backlogLimitBytes } from "./event-stream.ts";
import { createHandler } from "./handler.ts";
import { openTestServer, readEvents, type TestEvent, type TestServer } from "./http.testsuite.ts";

let server: TestServer;

beforeEach(async () => {
	server = await openTestServer();
	await server.darkroom.grantCredits({ owner: "ada", amount: 50, key: "starter" });
});

afterEach(() => server.close());

const open = (path = "/events", headers: Record<string, string> = {}) => server.call("ada", "GET", path, { headers });
const isReady = ({ event }: TestEvent) => event === "ready";
const isCompleted = ({ job }: TestEvent) => job?.status === "completed";
const versionsOf = (events: readonly TestEvent[], jobId: string) =>
	events.flatMap(({ job }) => (job?.id === jobId ? [job.version] : []));

describe("an event stream", () => {
	test("gets through proxies unheld and uncompressed", async () => {
		const response = await open();
		expect(response.status).toBe(200);
		expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
		expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
		expect(response.headers.get("x-accel-buffering")).toBe("no");
		await response.body?.cancel();
	});

	test("begins with when to come back, then the active jobs, then ready", async () => {
		// Nobody begins with it meanwhile, which would be shown as well.
		const idle = await openTestServer({ darkroom: { engine: embedded({ concurrency: 0 }) } });
		const job = await idle.submit("ada", "echo", { text: "hello" });
		const events = readEvents(await idle.call("ada", "GET", "/events"));
		const opening = await events.until(isReady);
		expect(opening.map(({ event }) => event)).toEqual(["retry", "job", "ready"]);
		expect(opening[1]).toMatchObject({ id: expect.stringMatching(/^\d+$/), job: { id: job.id, kind: "echo" } });
		await events.cancel();
		await idle.close();
	});

	test("shows a job's life in the order of its versions, to its end", async () => {
		const events = readEvents(await open());
		await events.until(isReady);
		const job = await server.submit("ada", "echo", { text: "hello" });
		const seen = await events.until(isCompleted);
		const versions = versionsOf(seen, job.id);
		expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
		expect(seen.at(-1)?.job).toMatchObject({ id: job.id, progress: 100, output: { text: "hello" } });
		await events.cancel();
	});

	test("shows line breaks in a job without breaking the event", async () => {
		const events = readEvents(await open());
		await events.until(isReady);
		const text = "one\n\ntwo\r\ndata: three";
		await server.submit("ada", "echo", { text });
		const seen = await events.until(isCompleted);
		expect(seen.at(-1)?.job?.output).toEqual({ text });
		await events.cancel();
	});
});

describe("a watcher that comes back with its cursor", () => {
	test.each([
		["in Last-Event-ID", (cursor: string) => open("/events", { "last-event-id": cursor })],
		["in the query", (cursor: string) => open(`/events?cursor=${cursor}`)],
		[
			"in Last-Event-ID, which is newer than the query's",
			(cursor: string) => open("/events?cursor=0", { "last-event-id": cursor }),
		],
	])("%s misses nothing and sees nothing twice", async (_, reopen) => {
		const first = readEvents(await open());
		await first.until(isReady);
		const before = await server.submit("ada", "echo", { text: "before" });
		const seenBefore = await first.until(isCompleted);
		const cursor = seenBefore.at(-1)?.id ?? "";
		await first.cancel();

		const missed: string[] = [];
		for (const text of ["a", "b", "c"]) missed.push((await server.submit("ada", "echo", { text })).id);
		for (const id of missed) await server.finish("ada", id);

		const second = readEvents(await reopen(cursor));
		const caughtUp = await second.until(isReady);
		const after = await server.submit("ada", "echo", { text: "after" });
		const live = await second.until(({ job }) => job?.id === after.id && job.status === "completed");
		await second.cancel();

		const all = [...caughtUp, ...live];
		for (const id of missed) expect(all.filter(({ job }) => job?.id === id).at(-1)?.job?.status).toBe("completed");
		const shown = [...seenBefore, ...all].flatMap(({ job }) => (job ? [`${job.id} ${job.version}`] : []));
		expect(new Set(shown).size).toBe(shown.length);
		expect(all.some(({ job }) => job?.id === before.id)).toBe(false);
	});
});

test("a watcher that has seen no job yet has a cursor too, and misses nothing", async () => {
	const first = readEvents(await open());
	const cursor = (await first.until(isReady)).at(-1)?.id ?? "";
	expect(cursor).toMatch(/^\d+$/);
	await first.cancel();
	const { id } = await server.submit("ada", "echo", { text: "meanwhile" });
	await server.finish("ada", id);
	const second = readEvents(await open(`/events?cursor=${cursor}`));
	const missed = await second.until(isReady);
	expect(missed.map(({ job }) => job && `${job.id} ${job.status}`)).toContain(`${id} completed`);
	await second.cancel();
});

test("every job of many at once is shown to its end, in order, to each of several watchers", async () => {
	const watchers = await Promise.all(
		["", "", "?cursor=0"].map(async (query) => readEvents(await open(`/events${query}`))),
	);
	const ids = await Promise.all(
		Array.from({ length: 60 }, async (_, i) => (await server.submit("ada", "echo", { text: `page ${i}` })).id),
	);
	for (const events of watchers) {
		const left = new Set(ids);
		const seen = await events.until(({ job }) => {
			if (job?.status === "completed") left.delete(job.id);
			return left.size === 0;
		});
		const cursors = seen.flatMap(({ id }) => (id === "" ? [] : [Number(id)]));
		expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
		await events.cancel();
	}
});

describe("a stream ends", () => {
	test("when the runtime stops, with nothing left waiting", async () => {
		const streams = await Promise.all([open(), open(), open("/events?cursor=0")]);
		const readers = streams.map(readEvents);
		await Promise.all(readers.map((events) => events.until(isReady)));
		await server.darkroom.stop();
		expect(await Promise.all(readers.map((events) => events.rest()))).toEqual([[], [], []]);
	});

	test("at once when the runtime had stopped before", async () => {
		await server.darkroom.stop();
		expect((await readEvents(await open()).rest()).map(({ event }) => event)).toEqual(["retry"]);
	});

	test("when the client goes", async () => {
		const gone = new AbortController();
		const events = readEvents(await server.call("ada", "GET", "/events", { signal: gone.signal }));
		await events.until(isReady);
		gone.abort();
		expect(await events.rest()).toEqual([]);
	});

	test("at once for a client that has gone already", async () => {
		const response = await server.call("ada", "GET", "/events", { signal: AbortSignal.abort() });
		expect((await readEvents(response).rest()).map(({ event }) => event)).toEqual(["retry"]);
	});

	test("for one who never reads before more than the limit waits, and what was not sent comes after the cursor", async () => {
		const slow = await open();
		const text = "x".repeat(100_000);
		const ids: string[] = [];
		for (let i = 0; i < 8; i++) ids.push((await server.submit("ada", "echo", { text })).id);
		for (const id of ids) await server.finish("ada", id);

		const sent = await readEvents(slow).rest();
		const bytes = sent.reduce((sum, { job }) => sum + JSON.stringify(job ?? "").length, 0);
		expect(bytes).toBeLessThan(backlogLimitBytes + 300_000);

		const cursor = sent.findLast(({ id }) => id !== "")?.id ?? "0";
		const resumed = readEvents(await open(`/events?cursor=${cursor}`));
		const rest = await resumed.until(isReady);
		await resumed.cancel();
		const ends = new Map([...sent, ...rest].flatMap(({ job }) => (job ? [[job.id, job.status] as const] : [])));
		expect(ids.map((id) => ends.get(id))).toEqual(ids.map(() => "completed"));
	});
});

test("however a stream ends, its watch is given back", async () => {
	let open = 0;
	const counted: Darkroom = {
		...server.darkroom,
		start: () => server.darkroom.start(),
		watch(request) {
			open++;
			const watch = server.darkroom.watch(request);
			let isStopped = false;
			const stop = () => {
				if (!isStopped) open--;
				isStopped = true;
				watch.stop();
			};
			return { ready: watch.ready, stop };
		},
	};
	const handle = createHandler(counted, { viewer: () => "ada" });
	const address = "http://app.test/api/events";

	const cancelled = await handle(new Request(address));
	expect(open).toBe(1);
	await cancelled.body?.cancel();
	expect(open).toBe(0);

	const gone = new AbortController();
	await handle(new Request(address, { signal: gone.signal }));
	expect(open).toBe(1);
	gone.abort();
	expect(open).toBe(0);

	await handle(new Request(address, { signal: AbortSignal.abort() }));
	await handle(new Request(address, { method: "HEAD" }));
	expect(open).toBe(0);

	await handle(new Request(address));
	expect(open).toBe(1);
	await server.darkroom.stop();
	expect(open).toBe(0);
});

test("a HEAD of the stream opens none", async () => {
	const response = await server.call("ada", "HEAD", "/events");
	expect(response.status).toBe(200);
	expect(response.body).toBeNull();
});
