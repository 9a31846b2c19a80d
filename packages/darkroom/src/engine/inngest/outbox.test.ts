import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { isDarkroomError } from "../../core/errors.ts";
import { job, owner } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig } from "./fault-rig.testsuite.ts";

const rig = FaultRig.use();

/** A job of one step that counts how often it ran, by input. */
function counting(rest: Parameters<typeof job>[2] = {}) {
	const ran = new Map<unknown, number>();
	const run = (input: unknown) => ran.set(input, (ran.get(input) ?? 0) + 1);
	const draw = job("draw", ({ step, input }) => step.run("draw", () => void run(input)), {
		credits: { price: 1 },
		...rest,
	});
	return { draw, ran };
}

function submitMany({ darkroom }: Awaited<ReturnType<typeof rig.start>>, kind: string, count: number) {
	return Promise.all(Array.from({ length: count }, (_, input) => darkroom.submit(kind, { owner, input })));
}

describe("a job and its event", () => {
	test("are there together or not at all: a submit that is refused sends nothing", async () => {
		const { draw } = counting({ credits: { price: 5_000 } });
		const process = await rig.start({ jobs: [draw] });
		const refusal = await process.darkroom.submit(draw, { owner, input: 0 }).catch((error: unknown) => error);
		expect(isDarkroomError(refusal, "insufficient_credits")).toBe(true);
		await process.clock.advance("1m");
		expect(rig.batches).toEqual([]);
	});

	test.each([
		["rolls back", "ROLLBACK", 0],
		["commits", "COMMIT", 1],
	])("within a transaction of the app's own are sent as that one ends: it %s", async (_, end, count) => {
		const { draw, ran } = counting();
		const process = await rig.start({ jobs: [draw] });
		const client = new DatabaseSync(rig.databasePath);
		client.exec("BEGIN IMMEDIATE");
		await process.darkroom.submit(draw, { owner, input: 0, client });
		await rig.settle();
		expect(rig.batches, "before the app has decided").toEqual([]);
		client.exec(end);
		client.close();
		await process.clock.advance("1m");
		expect(process.server.events).toHaveLength(count);
		expect(ran.size).toBe(count);
		await expectCharged(process, count);
	});
});

describe("events that Inngest has accepted and lost", () => {
	test("are sent again under the same ids until each job's run has begun; it runs once and is charged once", async () => {
		const { draw, ran } = counting();
		const process = await rig.start({ jobs: [draw] });
		const { server, clock } = process;
		const early = await submitMany(process, "draw", 32);
		await rig.settle();
		server.faults.events = "lost";
		const lost = await submitMany(process, "draw", 468);
		await clock.advance("9s");
		expect(server.runs).toHaveLength(32);
		expect(server.events).toHaveLength(500);
		server.faults.events = "taken";
		await clock.advance("1s");
		const idsOf = (wanted: readonly { readonly id: string }[]) =>
			wanted.map(({ id }) => server.events.filter((event) => event.data.jobId === id).map((event) => event.id));
		expect(idsOf(early).every((ids) => ids.length === 1)).toBe(true);
		expect(idsOf(lost).every(([first, again, ...more]) => first === again && more.length === 0)).toBe(true);
		expect(server.runs.map(({ status }) => status)).toEqual(Array(500).fill("completed"));
		expect([...ran.values()]).toEqual(
			Array(468)
				.fill(1)
				.map((_, input) => (input < 32 ? 2 : 1)),
		);
		await clock.advance("1m");
		expect(server.events).toHaveLength(968);
		const entries = await process.darkroom.listEntries(owner, 2_000);
		expect(entries.filter(({ type }) => type === "capture")).toHaveLength(500);
		await expectCharged(process, 500);
	}, 90_000);

	test("are sent again less and less often, at most once a minute for each job", async () => {
		const { draw } = counting();
		const process = await rig.start({ jobs: [draw] });
		process.server.faults.events = "lost";
		await submitMany(process, "draw", 3);
		const beganAt = process.clock.now();
		await process.clock.advance("5m");
		const seconds = rig.batches.filter(({ events }) => events.length === 3).map(({ at }) => (at - beganAt) / 1_000);
		expect(seconds).toEqual([0, 10, 30, 70, 130, 190, 250]);
	});
});

test("an event is sent by one process alone, however many look for what is due at the same time", async () => {
	const { draw, ran } = counting();
	const first = await rig.start({ jobs: [draw] });
	const second = await rig.start({ jobs: [draw], clock: first.clock });
	first.server.faults.events = "lost";
	await submitMany(first, "draw", 40);
	await rig.settle();
	first.server.faults.events = "taken";
	await first.clock.advance("9s");
	const before = first.server.events.length;
	expect(before).toBe(40);
	await Promise.all([first.clock.advance("1s"), first.darkroom.tick(0), second.darkroom.tick(0)]);
	await rig.settle();
	const sent = first.server.events.slice(before).map(({ id }) => id);
	expect(sent).toHaveLength(40);
	expect(new Set(sent).size).toBe(40);
	expect([...ran.values()]).toEqual(Array(40).fill(1));
	await expectCharged(second, 40);
});

test("a run that has begun is no reason to send anything more, however long it takes", async () => {
	const slow = job("slow", ({ step }) => step.sleep("nap", "4m"));
	const process = await rig.start({ jobs: [slow] });
	await process.darkroom.submit(slow, { owner, input: {} });
	await process.clock.advance("3m");
	expect(process.server.runs).toMatchObject([{ status: "sleeping" }]);
	expect(process.server.events).toHaveLength(1);
});
