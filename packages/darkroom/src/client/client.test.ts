import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { testPhoto } from "../http/http.testsuite.ts";
import { createClient, type DarkroomClient } from "./client.ts";
import { createManualClock, type ManualClock } from "./manual-clock.testsuite.ts";
import { type paintingOf, type Served, serve, until, untilPolling, untilUp } from "./served.testsuite.ts";

type Painting = ReturnType<typeof paintingOf>;

let served: Served;
let clock: ManualClock;
let client: DarkroomClient;
const leaves: (() => void)[] = [];

beforeEach(async () => {
	served = await serve();
	await served.darkroom.grantCredits({ owner: "ada", amount: 100, key: "start" });
	clock = createManualClock();
	client = served.client({ clock });
});

afterEach(async () => {
	for (const leave of leaves.splice(0)) leave();
	await served.close();
});

const paint = (name: string, by = client) => by.submit<Painting>("paint", { name, layers: 1 });
const count = (name: string) => served.server.requests.filter((one) => one === name).length;

describe("a submit", () => {
	it("whose answer was lost does not start a second job when it is pressed again", async () => {
		served.server.loseAnswer = "POST /jobs/paint";
		await expect(paint("sea")).rejects.toMatchObject({ code: "offline", isOutcomeUnknown: true });
		const { id } = await paint("sea");
		const { jobs } = await client.listJobs();
		expect(jobs.map((job) => job.id)).toEqual([id]);
	});

	it("whose answer came starts a new job when it is pressed again", async () => {
		served.paintLayer("sea");
		const first = await paint("sea");
		const watch = client.watchJob(first.id);
		await until(watch, ({ job }) => job?.status === "completed");
		const second = await paint("sea");
		expect(second.id).not.toBe(first.id);
	});

	it("that is refused says why, with the facts", async () => {
		const first = await paint("sea");
		await expect(paint("sea")).rejects.toMatchObject({ code: "conflict", status: 409, data: { jobId: first.id } });
		await expect(client.submit("paint", { name: 7 })).rejects.toMatchObject({
			code: "invalid_input",
			data: { issues: [{ path: "name" }] },
		});
		const poor = served.client({ viewer: "bob" });
		await expect(paint("sea", poor)).rejects.toMatchObject({
			code: "insufficient_credits",
			data: { needed: 1, available: 0 },
		});
	});
});

describe("acts on a job", () => {
	it("cancel, retry and clear it, and every watch knows at once", async () => {
		const { id } = await paint("sea");
		const watch = client.watchJob(id);
		leaves.push(watch.subscribe(() => {}));
		await client.cancelJob(id);
		expect(watch.getSnapshot().job?.status).toBe("cancelled");
		await client.retryJob(id);
		expect(watch.getSnapshot().job?.status).not.toBe("cancelled");
		await client.clearSubject("painting:sea");
		expect(watch.getSnapshot().job).toMatchObject({ status: "failed", error: { code: "cleared" } });
	});

	it("are refused for someone else's", async () => {
		const { id } = await paint("sea");
		const stranger = served.client({ viewer: "eve" });
		await expect(stranger.getJob(id)).rejects.toMatchObject({ code: "not_found", status: 404 });
		await expect(stranger.cancelJob(id)).rejects.toMatchObject({ code: "not_found" });
	});
});

describe("an upload", () => {
	it("becomes an asset that can be shown in any width", async () => {
		const shares: number[] = [];
		const asset = await client.upload(await testPhoto(), { onProgress: (share) => shares.push(share) });
		expect(asset).toMatchObject({ contentType: "image/jpeg", width: 800 });
		expect(shares.at(-1)).toBe(1);
		const thumbnail = await fetch(client.assetUrl(asset.id, { width: 100 }), { headers: { "x-viewer": "ada" } });
		expect(thumbnail.headers.get("content-type")).toBe("image/webp");
		expect(createClient().assetUrl("a/b")).toBe("/api/assets/a%2Fb");
	});

	it("that is no picture is refused in words", async () => {
		await expect(client.upload(new Blob(["hello"]))).rejects.toMatchObject({ code: "unsupported_image", status: 415 });
	});

	it("stops when it is aborted", async () => {
		const abort = new AbortController();
		const upload = client.upload(await testPhoto(), { signal: abort.signal });
		const reason = new Error("changed my mind");
		abort.abort(reason);
		await expect(upload).rejects.toBe(reason);
	});

	it("that was aborted before is not sent", async () => {
		const reason = new Error("changed my mind");
		const unhandled = vi.fn();
		process.on("unhandledRejection", unhandled);
		await expect(client.upload(await testPhoto(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
		// It would be told of at the end of a turn.
		await new Promise(setImmediate);
		process.off("unhandledRejection", unhandled);
		expect(unhandled).not.toHaveBeenCalled();
		expect(served.server.requests).toEqual([]);
	});
});

describe("a watched list", () => {
	it("shows at once what the page starts, and what other tabs start, newest first", async () => {
		const list = client.watchJobs<Painting>({ kind: "paint" });
		leaves.push(list.subscribe(() => {}));
		await until(list, ({ isLoading }) => !isLoading);
		await untilUp(served, clock);
		const own = await paint("own");
		expect(list.getSnapshot().jobs.map(({ id }) => id)).toEqual([own.id]);
		const other = await paint("other", served.client());
		const { jobs } = await until(list, (state) => state.jobs.length === 2);
		expect(jobs.map(({ id }) => id)).toEqual([other.id, own.id]);
	});

	it("loads older pages, each job once", async () => {
		const ids: string[] = [];
		for (let index = 0; index < 5; index++) ids.unshift((await paint(`p${index}`)).id);
		const list = served.client().watchJobs<Painting>({ limit: 2 });
		leaves.push(list.subscribe(() => {}));
		const first = await until(list, ({ isLoading }) => !isLoading);
		expect(first.jobs.map(({ id }) => id)).toEqual(ids.slice(0, 2));
		await Promise.all([list.loadMore(), list.loadMore()]);
		expect(list.getSnapshot()).toMatchObject({ hasMore: true, isLoadingMore: false });
		await list.loadMore();
		expect(list.getSnapshot().jobs.map(({ id }) => id)).toEqual(ids);
		expect(list.getSnapshot().hasMore).toBe(false);
		await list.refetch();
		expect(list.getSnapshot().jobs.map(({ id }) => id)).toEqual(ids);
	});

	it("of active jobs lets go of one that ends", async () => {
		const list = client.watchJobs({ status: ["queued", "running"] });
		leaves.push(list.subscribe(() => {}));
		await until(list, ({ isLoading }) => !isLoading);
		await untilUp(served, clock);
		await paint("sea");
		expect(list.getSnapshot().jobs).toHaveLength(1);
		served.paintLayer("sea");
		await until(list, ({ jobs }) => jobs.length === 0);
	});

	it("is found as it was left, and catches up", async () => {
		const { id } = await paint("sea");
		await paint("sky");
		const left = client.watchJobs<Painting>({ kind: "paint", limit: 1 });
		const leave = left.subscribe(() => {});
		await until(left, ({ isLoading }) => !isLoading);
		await left.loadMore();
		leave();
		await client.cancelJob(id);
		await paint("hill", served.client());
		const found = client.watchJobs<Painting>({ kind: "paint", limit: 1 });
		expect(found.getSnapshot()).toMatchObject({ isLoading: false, hasMore: false });
		expect(found.getSnapshot().jobs).toHaveLength(2);
		leaves.push(found.subscribe(() => {}));
		expect(found.getSnapshot().jobs[1]).toMatchObject({ id, status: "cancelled" });
		await until(found, ({ jobs }) => jobs[0]?.input.name === "hill");
	});

	it("polls active jobs of older pages, too", async () => {
		served.server.streams = "refused";
		const older = await paint("older");
		await paint("newer");
		const list = client.watchJobs<Painting>({ limit: 1 });
		leaves.push(list.subscribe(() => {}));
		await untilPolling(clock);
		await list.loadMore();
		served.paintLayer("older");
		await served.untilFinished(older.id);
		clock.advance(3_000);
		await until(list, ({ jobs }) => jobs[1]?.status === "completed");
	});

	it("finds new jobs by polling, too", async () => {
		served.server.streams = "refused";
		const list = client.watchJobs();
		leaves.push(list.subscribe(() => {}));
		await untilPolling(clock);
		const other = await paint("other", served.client());
		clock.advance(3_000);
		const { jobs } = await until(list, (state) => state.jobs.length === 1);
		expect(jobs[0]?.id).toBe(other.id);
	});
});

describe("what is watched together", () => {
	it("is asked for once", async () => {
		const { id } = await paint("sea", served.client());
		for (let index = 0; index < 3; index++) {
			leaves.push(
				client.watchJob(id).subscribe(() => {}),
				client.watchJobs().subscribe(() => {}),
			);
		}
		leaves.push(
			client.credits.subscribe(() => {}),
			client.credits.subscribe(() => {}),
		);
		await Promise.all([
			until(client.watchJob(id), ({ job }) => job !== null),
			until(client.credits, ({ isLoading }) => !isLoading),
			// The stream or the list may have shown the job before.
			served.server.untilRequests(`GET /jobs/${id}`),
		]);
		expect([count(`GET /jobs/${id}`), count("GET /credits")]).toEqual([1, 1]);
	});

	it("asks for nothing before somebody listens", async () => {
		client.watchJob("j1");
		client.watchJobs();
		client.createSubmitter("paint");
		await paint("sea");
		expect(served.server.requests).toEqual(["POST /jobs/paint"]);
	});
});

describe("the balance", () => {
	it("follows a job's hold and its charge", async () => {
		leaves.push(client.credits.subscribe(() => {}));
		await until(client.credits, ({ isLoading }) => !isLoading);
		expect(client.credits.getSnapshot()).toMatchObject({ posted: 100, held: 0, available: 100 });
		const { id } = await paint("sea");
		clock.advance(250);
		await until(client.credits, ({ held }) => held === 1);
		const watch = client.watchJob(id);
		leaves.push(watch.subscribe(() => {}));
		await untilUp(served, clock);
		served.paintLayer("sea");
		await until(watch, ({ job }) => job?.status === "completed");
		clock.advance(250);
		const after = await until(client.credits, ({ held }) => held === 0);
		expect(after).toMatchObject({ posted: 99, available: 99 });
	});
});

describe("the balance of a server that was away", () => {
	it("is not known, rather than 0, until the server is back", async () => {
		served.server.isDown = true;
		leaves.push(client.credits.subscribe(() => {}));
		const away = await until(client.credits, ({ error }) => error?.code === "offline");
		expect(away).toMatchObject({ isKnown: false, isLoading: false });
		served.server.isDown = false;
		clock.advance(15_000);
		const back = await until(client.credits, ({ error }) => error === null);
		expect(back).toMatchObject({ isKnown: true, available: 100 });
	});

	it("stays the last that was known, with why it could not be read again", async () => {
		leaves.push(client.credits.subscribe(() => {}));
		await until(client.credits, ({ isKnown }) => isKnown);
		served.server.isDown = true;
		await client.credits.refetch();
		expect(client.credits.getSnapshot()).toMatchObject({ isKnown: true, available: 100, error: { code: "offline" } });
	});
});

describe("another viewer", () => {
	it("sees nothing of the one before", async () => {
		const viewer = { name: "ada" };
		const shared = served.client({ clock, viewer: () => viewer.name });
		const { id } = await paint("sea", shared);
		const watch = shared.watchJob(id);
		const list = shared.watchJobs();
		leaves.push(
			watch.subscribe(() => {}),
			list.subscribe(() => {}),
			shared.credits.subscribe(() => {}),
		);
		await until(list, ({ jobs }) => jobs.length === 1);
		await untilUp(served, clock);
		viewer.name = "bob";
		shared.reset();
		expect(shared.watchJobs().getSnapshot().jobs).toEqual([]);
		expect(watch.getSnapshot().job).toBeNull();
		expect(list.getSnapshot().jobs).toEqual([]);
		expect((await until(watch, ({ isLoading }) => !isLoading)).error?.code).toBe("not_found");
		await until(shared.credits, ({ isLoading, posted }) => !isLoading && posted === 0);
		expect((await until(list, ({ isLoading }) => !isLoading)).jobs).toEqual([]);
	});
});
