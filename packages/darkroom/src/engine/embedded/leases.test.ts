import { describe, expect, test } from "vitest";
import type { Store } from "../../store/store.ts";
import { final, job, leaseMs, owner, Rig, seen, signal } from "../suite/rig.testsuite.ts";
import { settle } from "../suite/settle.testsuite.ts";
import { createEmbedded } from "./create-embedded.testsuite.ts";

describe("a lease", () => {
	const rig = Rig.use(createEmbedded);

	/** A job whose first run, and only that, waits inside its step; each run that gets through notes its name. */
	function stuckOnce() {
		const begun = signal();
		const goOn = signal();
		const aborted = signal<unknown>();
		const ran: string[] = [];
		let isFirst = true;
		const draw = job(
			"draw",
			async ({ step, signal, progress }) => {
				const me = isFirst ? "first" : "second";
				isFirst = false;
				const picture = await step.run("draw", async () => {
					if (me === "second") return me;
					signal.addEventListener("abort", () => aborted.resolve(signal.reason));
					begun.resolve();
					await goOn.promise;
					progress(99, "by the first");
					return me;
				});
				ran.push(me);
				return picture;
			},
			{ credits: { price: 3 } },
		);
		return { draw, begun, goOn, aborted, ran };
	}

	test("that ran out and went to another process aborts the signal, and nothing the first one writes is kept", async () => {
		const { draw, begun, goOn, aborted, ran } = stuckOnce();
		const first = rig.open({ jobs: [draw] });
		await first.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		const submitted = await first.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		await settle();
		// The first process hangs: its clock stands still. Another one's goes on.
		const second = rig.open({ jobs: [draw] });
		await second.darkroom.start();
		await second.clock.advance(leaseMs);
		const done = await second.clock.until(final(second, submitted));
		expect(done).toMatchObject({ status: "completed", output: "second", attempt: 2, charged: 3 });
		// Now it goes on, as if nothing had been.
		first.clock.pause(leaseMs + 1_000);
		await first.clock.advance("1s");
		expect(await aborted.promise).toMatchObject({ code: "lease_lost" });
		goOn.resolve();
		await settle();
		expect(ran).toEqual(["second"]);
		const later = await second.darkroom.getJob({ viewer: owner, jobId: submitted.id });
		expect(later).toMatchObject({ output: "second", charged: 3, version: done.version });
		expect(await second.darkroom.getBalance(owner)).toEqual({ posted: 7, held: 0, available: 7 });
	});

	test("that was lost unseen is noticed by the first write, which bounces", async () => {
		const { draw, begun, goOn, aborted, ran } = stuckOnce();
		const first = rig.open({ jobs: [draw] });
		await first.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		const submitted = await first.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		await settle();
		const second = rig.open({ jobs: [draw] });
		await second.darkroom.start();
		await second.clock.advance(leaseMs);
		await second.clock.until(final(second, submitted));
		// No time has passed for the first: it has heard nothing.
		goOn.resolve();
		expect(await aborted.promise).toMatchObject({ code: "lease_lost" });
		await settle();
		expect(ran).toEqual(["second"]);
		expect((await second.darkroom.getJob({ viewer: owner, jobId: submitted.id })).message).toBeNull();
	});

	test("that another's clock ended during a wait is asked for before the next step, which is not done twice", async () => {
		const ran: string[] = [];
		let isFirst = true;
		const draw = job("draw", async ({ step }) => {
			const me = isFirst ? "first" : "second";
			isFirst = false;
			await step.sleep("dry", "1s");
			await step.run("draw", () => void ran.push(`draw by the ${me}`));
		});
		// No news reaches the first: it would end the wait.
		const deaf = (own: Store): Store => ({ ...own, onElsewhere: () => () => {} });
		const first = rig.open({ jobs: [draw], store: deaf });
		const submitted = await first.darkroom.submit(draw, { owner, input: {} });
		await settle();
		const second = rig.open({ jobs: [draw] });
		await second.darkroom.start();
		await second.clock.advance(leaseMs);
		await second.clock.until(final(second, submitted));
		await first.clock.advance("1s");
		await settle();
		expect(ran).toEqual(["draw by the second"]);
	});

	test("that ran out in a pause of the process is confirmed before the next step, which is not done twice", async () => {
		const begun = signal();
		const goOn = signal();
		const ran: string[] = [];
		let isFirst = true;
		const draw = job("draw", async ({ step }) => {
			const me = isFirst ? "first" : "second";
			isFirst = false;
			await step.run("upload", () => void ran.push(`upload by the ${me}`));
			if (me === "first") {
				begun.resolve();
				await goOn.promise;
			}
			await step.run("draw", () => void ran.push(`draw by the ${me}`));
		});
		const first = rig.open({ jobs: [draw] });
		const submitted = await first.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		const second = rig.open({ jobs: [draw] });
		await second.darkroom.start();
		await second.clock.advance(leaseMs);
		await second.clock.until(final(second, submitted));
		first.clock.pause(leaseMs);
		goOn.resolve();
		await settle();
		expect(ran).toEqual(["upload by the first", "draw by the second"]);
	});

	test("that runs out again while the store is asked is asked for again, before the next step", async () => {
		const begun = signal();
		const goOn = signal();
		const answered = signal();
		const asked = signal();
		const ran: string[] = [];
		let isFirst = true;
		const draw = job("draw", async ({ step }) => {
			const me = isFirst ? "first" : "second";
			isFirst = false;
			if (me === "first") {
				begun.resolve();
				await goOn.promise;
			}
			await step.run("draw", () => void ran.push(`draw by the ${me}`));
		});
		const slow = (store: Store): Store => ({
			...store,
			extendLeases: async (...given) => {
				const lost = await store.extendLeases(...given);
				asked.resolve();
				await answered.promise;
				return lost;
			},
		});
		const first = rig.open({ jobs: [draw], store: slow });
		const submitted = await first.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		first.clock.pause(leaseMs);
		goOn.resolve();
		await asked.promise;
		// The lease is extended, and the process pauses once more before it hears so.
		first.clock.pause(leaseMs);
		const second = rig.open({ jobs: [draw] });
		await second.darkroom.start();
		await second.clock.advance(leaseMs);
		await second.clock.until(final(second, submitted));
		answered.resolve();
		await settle();
		expect(ran).toEqual(["draw by the second"]);
	});

	test("that ran out in a pause and is nobody else's is taken up again by the next step", async () => {
		const begun = signal();
		const goOn = signal();
		const draw = job("draw", async ({ step }) => {
			begun.resolve();
			await goOn.promise;
			return step.run("draw", () => "drawn");
		});
		const process = rig.open({ jobs: [draw] });
		const submitted = await process.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		process.clock.pause(leaseMs);
		goOn.resolve();
		expect(await final(process, submitted)).toMatchObject({ status: "completed", output: "drawn", attempt: 1 });
	});

	test("is kept alive for as long as the job runs, so that no other process takes it", async () => {
		const { draw, begun, goOn, ran } = stuckOnce();
		const first = rig.open({ jobs: [draw] });
		await first.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		const submitted = await first.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		const second = rig.open({ jobs: [draw] });
		await second.darkroom.start();
		for (let i = 0; i < 8; i++) {
			await first.clock.advance(leaseMs / 2);
			await second.clock.advance(leaseMs / 2);
		}
		goOn.resolve();
		expect(await final(first, submitted)).toMatchObject({ status: "completed", output: "first", attempt: 1 });
		expect(ran).toEqual(["first"]);
	});

	test("survives a pause of the whole process, when nobody else took it meanwhile", async () => {
		const { draw, begun, goOn, ran } = stuckOnce();
		const process = rig.open({ jobs: [draw] });
		await process.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		const submitted = await process.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		process.clock.pause(3 * leaseMs);
		await process.clock.advance("2s");
		goOn.resolve();
		expect(await final(process, submitted)).toMatchObject({ status: "completed", output: "first", attempt: 1 });
		expect(ran).toEqual(["first"]);
	});

	test("that this process itself takes anew ends its own older run", async () => {
		const { draw, begun, goOn, aborted, ran } = stuckOnce();
		const first = rig.open({ jobs: [draw], concurrency: 2 });
		await first.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		const submitted = await first.darkroom.submit(draw, { owner, input: {} });
		await begun.promise;
		await settle();
		// Another process that can only sweep returns the job to the queue.
		const sweeper = rig.open({ jobs: [], concurrency: 1 });
		await sweeper.darkroom.start();
		await sweeper.clock.advance(leaseMs);
		await first.clock.until(final(first, submitted));
		expect(await aborted.promise).toMatchObject({ code: "lease_lost" });
		goOn.resolve();
		await settle();
		expect(ran).toEqual(["second"]);
	});

	test("left behind by workers that died is taken up as often as the definition says, then the job fails", async () => {
		const deadly = job(
			"deadly",
			({ step }) => step.run("die", () => begun.resolve()).then(() => new Promise(() => {})),
			{
				maxAttempts: 3,
				timeout: "1d",
				credits: { price: 3 },
			},
		);
		let begun = signal();
		let process = rig.open({ jobs: [deadly] });
		await process.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		const submitted = await process.darkroom.submit(deadly, { owner, input: {} });
		for (let attempt = 1; attempt <= 3; attempt++) {
			await process.clock.until(seen(process, (one) => one.status === "running" && one.attempt === attempt));
			await process.crash();
			begun = signal();
			process = rig.open({ jobs: [deadly] });
			await process.darkroom.start();
			await process.clock.advance(leaseMs);
		}
		const failed = await process.clock.until(final(process, submitted));
		expect(failed).toMatchObject({ status: "failed", attempt: 3, charged: 0, error: { code: "worker_lost" } });
		expect(await process.darkroom.getBalance(owner)).toMatchObject({ posted: 10, held: 0 });
	});

	test("of many jobs of a dead process is taken back in one go, not a few a second", async () => {
		const begun = new Set<unknown>();
		let isDead = false;
		const slow = job("slow", async ({ input }) => {
			begun.add(input);
			if (!isDead) await new Promise(() => {});
		});
		const count = 500;
		const first = rig.open({ jobs: [slow], concurrency: count });
		await Promise.all(Array.from({ length: count }, (_, i) => first.darkroom.submit(slow, { owner, input: i })));
		await settle();
		expect(begun.size).toBe(count);
		await first.crash();
		isDead = true;
		begun.clear();
		const second = rig.open({ jobs: [slow], concurrency: count });
		await second.darkroom.start();
		await second.clock.advance(leaseMs + 100);
		await settle();
		expect(begun.size).toBe(count);
	});
});
