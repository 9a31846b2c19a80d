import { expect, test } from "vitest";
import { silentLogger } from "../core/logger.ts";
import type { Store } from "../store/store.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { createEmbedded } from "./embedded/create-embedded.testsuite.ts";
import { createHistory } from "./history.ts";
import { job, never, owner, Rig, runToEnd, seen, signal } from "./suite/rig.testsuite.ts";

const rig = Rig.use(createEmbedded);

test("of two jobs neither alone decides how long the next takes", () => {
	const history = createHistory({} as Store, createManualClock(), silentLogger);
	history.add("draw", 3_000, 4);
	history.add("draw", 9_000, 5);
	expect(history.of("draw")).toMatchObject({ durationMs: 6_000, steps: 5 });
});

test("a kind is not slow because a worker died: the time until its lease ran out is no work", async () => {
	const begun = signal();
	let isDying = true;
	const draw = job("draw", async ({ step }) => {
		await step.run("sketch", () => process.clock.advance(2_000));
		if (isDying) begun.resolve();
		if (isDying) await never;
		await step.run("paint", () => process.clock.advance(1_000));
	});
	let process = rig.open({ jobs: [draw] });
	const { id } = await process.darkroom.submit(draw, { owner, input: {} });
	await begun.promise;
	await process.crash();
	isDying = false;
	process = rig.open({ jobs: [draw] });
	await process.darkroom.start();
	await process.clock.until(seen(process, (one) => one.id === id && one.status === "completed"));
	const next = await process.darkroom.submit(draw, { owner, input: {}, runAt: process.clock.now() + 60_000 });
	expect(next.etaMs).toBe(3_000);
});

test("a kind that nobody completed has no estimate, and gets one with its first", async () => {
	const draw = job("draw", () => process.clock.advance(3_000));
	const process = rig.open({ jobs: [draw] });
	const first = await process.darkroom.submit(draw, { owner, input: {}, runAt: process.clock.now() + 60_000 });
	expect(first.etaMs).toBeUndefined();
	await runToEnd(process, draw);
	const next = await process.darkroom.submit(draw, { owner, input: {}, runAt: process.clock.now() + 60_000 });
	expect(next.etaMs).toBe(3_000);
});
