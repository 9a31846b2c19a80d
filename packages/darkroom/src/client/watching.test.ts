import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DarkroomClient } from "./client.ts";
import type { JobWatch } from "./job-watch.ts";
import { createManualClock, type ManualClock } from "./manual-clock.testsuite.ts";
import type { Page } from "./page.ts";
import { type paintingOf, type Served, serve, until, untilPolling, untilUp } from "./served.testsuite.ts";

type Painting = ReturnType<typeof paintingOf>;

/** A tab that a test hides and shows. */
class Tab implements Page {
	#isHidden = false;
	readonly #listeners = new Set<() => void>();
	isHidden = () => this.#isHidden;
	subscribe = (listener: () => void) => {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	};
	turn(to: "hidden" | "shown"): void {
		this.#isHidden = to === "hidden";
		for (const listener of this.#listeners) listener();
	}
}

let served: Served;
let clock: ManualClock;
let tab: Tab;
let client: DarkroomClient;
const leaves: (() => void)[] = [];

beforeEach(async () => {
	served = await serve();
	await served.darkroom.grantCredits({ owner: "ada", amount: 100, key: "start" });
	clock = createManualClock();
	tab = new Tab();
	client = served.client({ clock, page: tab });
});

afterEach(async () => {
	for (const leave of leaves.splice(0)) leave();
	await served.close();
});

const paint = (name: string, layers = 2) => client.submit<Painting>("paint", { name, layers });
const streams = () => served.server.requests.filter((name) => name.startsWith("GET /events"));
const polls = (jobId: string) => served.server.requests.filter((name) => name === `GET /jobs/${jobId}`).length;

/** Keeps the watch alive to the end of the test and notes every version that it shows. */
function listen(watch: JobWatch<Painting>): number[] {
	const versions: number[] = [];
	leaves.push(
		watch.subscribe(() => {
			const version = watch.getSnapshot().job?.version;
			if (version !== undefined && version !== versions.at(-1)) versions.push(version);
		}),
	);
	return versions;
}

const isGrowing = (versions: readonly number[]) => versions.every((one, index) => one > (versions[index - 1] ?? -1));
const stepsDone = (count: number) => (state: { job: { steps: readonly { status: string }[] } | null }) =>
	state.job?.steps.filter(({ status }) => status === "completed").length === count;

describe("watching over the stream", () => {
	it("shows a job from its submit to its output without asking again", async () => {
		const { id } = await paint("sea");
		const watch = client.watchJob<Painting>(id);
		const versions = listen(watch);
		await untilUp(served, clock);
		served.paintLayer("sea");
		await until(watch, stepsDone(1));
		served.paintLayer("sea");
		const { job } = await until(watch, ({ job }) => job?.status === "completed");
		expect(job).toMatchObject({ output: { picture: "sea in 2 layers" }, charged: 2, progress: 100 });
		expect(isGrowing(versions)).toBe(true);
		expect(polls(id)).toBe(0);
	});

	it("takes one connection, however many jobs and lists are watched", async () => {
		const jobs = await Promise.all(["a", "b", "c"].map((name) => paint(name)));
		const watches = jobs.flatMap(({ id }) => [client.watchJob<Painting>(id), client.watchJob<Painting>(id)]);
		for (const watch of watches) listen(watch);
		const list = client.watchJobs<Painting>({ kind: "paint" });
		leaves.push(list.subscribe(() => {}));
		await untilUp(served, clock);
		for (const name of ["a", "b", "c"]) for (let layer = 0; layer < 2; layer++) served.paintLayer(name);
		await Promise.all(watches.map((watch) => until(watch, ({ job }) => job?.status === "completed")));
		await until(list, (state) => state.jobs.length === 3 && state.jobs.every((job) => job.status === "completed"));
		expect(streams()).toHaveLength(1);
	});

	it("misses nothing and shows nothing twice when the stream breaks off", async () => {
		const { id } = await paint("storm", 3);
		const watch = client.watchJob<Painting>(id);
		const versions = listen(watch);
		await untilUp(served, clock);
		served.paintLayer("storm");
		await until(watch, stepsDone(1));
		clock.advance(5_000);
		served.server.isDown = true;
		served.server.dropStreams();
		await clock.untilTimer(250, 500);
		served.paintLayer("storm");
		served.paintLayer("storm");
		await served.untilFinished(id);
		served.server.isDown = false;
		clock.advance(500);
		const { job } = await until(watch, ({ job }) => job?.status === "completed");
		expect(job?.steps.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
		expect(isGrowing(versions)).toBe(true);
		expect(streams()).toHaveLength(2);
		expect(streams()[1]).toMatch(/^GET \/events\?cursor=\d+$/);
		expect(polls(id)).toBe(0);
	});

	it("learns of a job that ended between its first read and the stream's beginning", async () => {
		served.server.streams = "held";
		const { id } = await paint("dawn", 1);
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await served.server.untilRequests("GET /events");
		served.paintLayer("dawn");
		await served.untilFinished(id);
		expect(watch.getSnapshot().job?.status).not.toBe("completed");
		served.server.release();
		await until(watch, ({ job }) => job?.status === "completed");
		expect(polls(id)).toBe(1);
	});

	it("goes on over a change of page, and ends shortly after the last one has left", async () => {
		const { id } = await paint("walk");
		const leave = client.watchJob<Painting>(id).subscribe(() => {});
		await untilUp(served, clock);
		leave();
		const stay = client.watchJob<Painting>(id).subscribe(() => {});
		clock.advance(2_000);
		expect(served.server.openStreams).toBe(1);
		stay();
		clock.advance(2_000);
		await served.server.untilStreams(0);
		expect(streams()).toHaveLength(1);
		expect(clock.pending).toBe(0);
	});

	it("asks beside the stream for a place in the queue, which moves without news of the job", async () => {
		const draw = (name: string) => client.submit("draw", { name });
		const [first, second, third] = [await draw("one"), await draw("two"), await draw("three")];
		const watch = client.watchJob(third.id);
		leaves.push(watch.subscribe(() => {}));
		await untilUp(served, clock);
		const { job: before } = await until(watch, ({ job }) => (job?.queuePosition ?? 0) > 0);
		served.paintLayer("one");
		await served.untilFinished(first.id);
		await served.untilBegun(second.id);
		await clock.untilTimer(3_000);
		clock.advance(3_000);
		const { job: after } = await until(watch, ({ job }) => job?.queuePosition === 0);
		expect(after?.version).toBe(before?.version);
	});

	it("ends a connection that has gone silent, and resumes", async () => {
		const { id } = await paint("hush");
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await untilUp(served, clock);
		served.paintLayer("hush");
		await until(watch, stepsDone(1));
		clock.advance(45_000);
		await clock.untilTimer(250, 500);
		clock.advance(500);
		await served.server.untilRequests("GET /events?cursor=");
	});

	it("gives the connection of a hidden tab back after a while, and resumes when it is seen", async () => {
		const { id } = await paint("night", 1);
		const watch = client.watchJob<Painting>(id);
		const versions = listen(watch);
		await untilUp(served, clock);
		await until(watch, ({ job }) => job?.status === "running");
		tab.turn("hidden");
		clock.advance(30_000);
		await served.server.untilStreams(0);
		served.paintLayer("night");
		await served.untilFinished(id);
		tab.turn("shown");
		await until(watch, ({ job }) => job?.status === "completed");
		expect(isGrowing(versions)).toBe(true);
		expect(streams()).toHaveLength(2);
	});
});

describe("watching where streams are not to be had", () => {
	it("polls a refused stream's jobs, asking only for news, until they are final", async () => {
		served.server.streams = "refused";
		const { id } = await paint("poll", 1);
		await served.untilBegun(id);
		const watch = client.watchJob<Painting>(id);
		const versions = listen(watch);
		await untilPolling(clock);
		expect(watch.getSnapshot().job?.status).toBe("running");
		clock.advance(3_000);
		await clock.untilTimer(3_000, 4_500);
		expect(served.server.answered(304)).toBeGreaterThan(0);
		served.paintLayer("poll");
		await served.untilFinished(id);
		clock.advance(4_500);
		const { job } = await until(watch, ({ job }) => job?.status === "completed");
		expect(job?.output).toEqual({ picture: "poll in 1 layers" });
		expect(isGrowing(versions)).toBe(true);
		const asked = polls(id);
		await clock.untilTimer(3_000);
		clock.advance(60_000);
		// What was asked before would have come before this.
		await client.listJobs();
		expect(polls(id)).toBe(asked);
	});

	it("polls when a stream is accepted but held back", async () => {
		served.server.streams = "held";
		const { id } = await paint("mist", 1);
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await served.server.untilRequests("GET /events");
		served.paintLayer("mist");
		await served.untilFinished(id);
		clock.advance(10_000);
		await until(watch, ({ job }) => job?.status === "completed");
	});

	it("returns to the stream when it can be had again, and polls no more", async () => {
		served.server.streams = "refused";
		const { id } = await paint("clear");
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await untilPolling(clock);
		served.server.streams = "open";
		clock.advance(1_000);
		await untilUp(served, clock);
		served.paintLayer("clear");
		await until(watch, stepsDone(1));
		const asked = polls(id);
		clock.advance(30_000);
		served.paintLayer("clear");
		await until(watch, ({ job }) => job?.status === "completed");
		expect(polls(id)).toBe(asked);
	});

	it("pauses in a hidden tab and asks at once when it is seen", async () => {
		served.server.streams = "refused";
		const { id } = await paint("pause", 1);
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await untilPolling(clock);
		tab.turn("hidden");
		const asked = polls(id);
		clock.advance(120_000);
		served.paintLayer("pause");
		await served.untilFinished(id);
		expect(polls(id)).toBe(asked);
		tab.turn("shown");
		await until(watch, ({ job }) => job?.status === "completed");
	});

	it("says that the server cannot be reached, keeps what it knows, and recovers by itself", async () => {
		const { id } = await paint("cut", 1);
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await untilUp(served, clock);
		await until(watch, ({ job }) => job?.status === "running");
		served.server.isDown = true;
		served.server.dropStreams();
		const offline = await until(watch, (state) => state.isOffline);
		expect(offline.error?.code).toBe("offline");
		expect(offline.job?.id).toBe(id);
		served.server.isDown = false;
		clock.advance(1_000);
		const online = await until(watch, (state) => !state.isOffline && state.error === null);
		expect(online.job?.id).toBe(id);
		served.paintLayer("cut");
		await until(watch, ({ job }) => job?.status === "completed");
	});

	it("says so, too, while the server answers and its store is away, and no longer than that", async () => {
		const { id } = await paint("still", 1);
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await untilUp(served, clock);
		await until(watch, ({ job }) => job?.status === "running");
		served.server.isStoreAway = true;
		served.server.dropStreams();
		const offline = await until(watch, (state) => state.isOffline);
		expect(offline).toMatchObject({ error: { code: "store_unavailable" }, job: { id } });
		served.server.isStoreAway = false;
		clock.advance(2_000);
		const online = await until(watch, (state) => !state.isOffline && state.error === null);
		expect(online.job?.id).toBe(id);
	});
});

describe("watching without any news", () => {
	it("stops after 3 minutes and says so, leaves the job alone, and goes on when asked to look again", async () => {
		const { id } = await paint("long", 1);
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await untilUp(served, clock);
		await until(watch, ({ job }) => job?.status === "running");
		for (let minute = 0; minute < 3; minute++) clock.advance(60_000);
		expect(watch.getSnapshot().isStale).toBe(true);
		await served.server.untilStreams(0);
		served.paintLayer("long");
		await served.untilFinished(id);
		expect(watch.getSnapshot().job?.status).toBe("running");
		watch.lookAgain();
		expect(watch.getSnapshot().isStale).toBe(false);
		await until(watch, ({ job }) => job?.status === "completed");
	});

	it("counts from the last change, and never stops for what is final", async () => {
		const { id } = await paint("slow");
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await untilUp(served, clock);
		// From the stream: its answer to the submit may say so before the stream is ready.
		await until(watch, ({ job }) => job?.steps.length === 1);
		clock.advance(40_000);
		served.paintLayer("slow");
		await until(watch, stepsDone(1));
		served.paintLayer("slow");
		await until(watch, ({ job }) => job?.status === "completed");
		clock.advance(600_000);
		expect(watch.getSnapshot().isStale).toBe(false);
	});

	it("wakes for what the page does itself", async () => {
		const { id } = await paint("first", 1);
		const watch = client.watchJob<Painting>(id);
		listen(watch);
		await untilUp(served, clock);
		await until(watch, ({ job }) => job?.status === "running");
		clock.advance(180_000);
		expect(watch.getSnapshot().isStale).toBe(true);
		await client.cancelJob(id);
		expect(watch.getSnapshot()).toMatchObject({ isStale: false, job: { status: "cancelled" } });
	});
});
