import { expect, test } from "vitest";
import { constant } from "../../../core/backoff.ts";
import { DarkroomError } from "../../../core/errors.ts";
import { final, job, owner } from "../../suite/rig.testsuite.ts";
import { unique } from "./app.testsuite.ts";
import type { ServerRig } from "./rig.testsuite.ts";

/** What a job is made of, called by a server whose time is real. */
export function describeRuns(rig: ServerRig): void {
	test("five steps run once each, in order, and are paid for once", async () => {
		const ran: string[] = [];
		const five = job(
			unique("five"),
			async ({ step }) => {
				for (const name of ["a", "b", "c", "d", "e"]) await step.run(name, () => void ran.push(name));
				return ran.length;
			},
			{ credits: { price: 2 } },
		);
		const app = await rig.serve([five]);
		await app.darkroom.grantCredits({ owner, amount: 10, key: "starter" });
		const done = await final(app, await app.darkroom.submit(five, { owner, input: {} }));
		expect(done).toMatchObject({ status: "completed", output: 5, attempt: 1, charged: 2 });
		expect(ran).toEqual(["a", "b", "c", "d", "e"]);
		expect(done.steps.map(({ status, attempts }) => [status, attempts])).toEqual(Array(5).fill(["completed", 1]));
		expect(await app.darkroom.getBalance(owner)).toEqual({ posted: 8, held: 0, available: 8 });
	});

	test("steps of a map run at the same time, each once, and what comes after them sees all results", async () => {
		const ran: number[] = [];
		const bothMet = Promise.withResolvers<void>();
		const pages = job(unique("pages"), async ({ step }) => {
			const drawn = await step.map("page", [1, 2, 3, 4], async (page) => {
				if (ran.push(page) === 2) bothMet.resolve();
				await bothMet.promise;
				return page * 10;
			});
			return step.run("bind", () => drawn);
		});
		const app = await rig.serve([pages]);
		const done = await final(app, await app.darkroom.submit(pages, { owner, input: {} }));
		expect(done).toMatchObject({ status: "completed", output: [10, 20, 30, 40], attempt: 1 });
		expect(ran.sort()).toEqual([1, 2, 3, 4]);
	});

	test("a sleep is waited by Inngest, gives the place back, and costs no attempt", async () => {
		const ran: string[] = [];
		const sleepy = job(unique("sleepy"), async ({ step }) => {
			await step.run("before", () => void ran.push("before"));
			// By far more than Inngest has to wait: some of it passes here while it is written down.
			await step.sleep("nap", "3s");
			await step.run("after", () => void ran.push("after"));
		});
		const app = await rig.serve([sleepy]);
		// Of each commit, where a watcher who is late may be shown no more than the end.
		const passed: [status: string, ran: number][] = [];
		app.store.onChange((changes) => {
			for (const { status } of changes) passed.push([status, ran.length]);
		});
		const done = await final(app, await app.darkroom.submit(sleepy, { owner, input: {} }));
		expect(done).toMatchObject({ status: "completed", attempt: 1 });
		expect(passed).toContainEqual(["queued", 1]);
		expect(ran).toEqual(["before", "after"]);
		expect(app.calls.length).toBeGreaterThan(1);
	});

	test("a step that fails is tried again when its Retry-After says, and what was complete is not", async () => {
		const ran: string[] = [];
		const busy = job(
			unique("busy"),
			async ({ step }) => {
				await step.run("before", () => void ran.push("before"));
				return step.run("draw", ({ attempt }) => {
					ran.push(`draw ${attempt}`);
					if (attempt < 3) throw new DarkroomError("throttled", { detail: "Busy.", retryAfterMs: 700 });
					return "drawn";
				});
			},
			{ retry: { attempts: 3, backoff: constant(10) } },
		);
		const app = await rig.serve([busy]);
		const done = await final(app, await app.darkroom.submit(busy, { owner, input: {} }));
		expect(done).toMatchObject({ status: "completed", output: "drawn", attempt: 1 });
		expect(done.steps.map(({ attempts }) => attempts)).toEqual([1, 3]);
		expect(ran).toEqual(["before", "draw 1", "draw 2", "draw 3"]);
		// Each wait was Inngest's, which a backoff of 10 ms would not have been.
		expect(app.calls.length).toBeGreaterThan(2);
	});

	test("an event that comes again begins no second run", async () => {
		const once = job(unique("once"), ({ step }) => step.run("a", () => 1));
		const next = job(unique("next"), ({ step }) => step.run("a", () => 2));
		const app = await rig.serve([once, next]);
		const first = await app.darkroom.submit(once, { owner, input: {} });
		expect(await final(app, first)).toMatchObject({ status: "completed" });
		const events = app.taken.flat().filter(({ data }) => data.jobId === first.id);
		expect(events).toHaveLength(1);
		const calls = () => app.calls.filter((name) => name === once.kind).length;
		const before = calls();
		await app.send(events);
		await app.send(events);
		// Whatever those two would begin is begun before this one is.
		expect(await final(app, await app.darkroom.submit(next, { owner, input: {} }))).toMatchObject({ output: 2 });
		expect(calls()).toBe(before);
	});

	test("of each owner no more jobs run than the definition allows, and owners do not wait for each other", async () => {
		const running = { ada: 0, bob: 0 };
		const most = { ada: 0, bob: 0 };
		const bothBegan = Promise.withResolvers<void>();
		const kind = unique("limited");
		const limited = job(
			kind,
			({ input, step }) =>
				step.run("a", async () => {
					const who = input as "ada" | "bob";
					most[who] = Math.max(most[who], ++running[who]);
					if (most.ada + most.bob === 2) bothBegan.resolve();
					await bothBegan.promise;
					running[who]--;
				}),
			{ limits: { runningPerOwner: 1 } },
		);
		const app = await rig.serve([limited]);
		const owners = ["ada", "ada", "ada", "bob", "bob"];
		const jobs = await Promise.all(owners.map((who) => app.darkroom.submit(kind, { owner: who, input: who })));
		const done = await Promise.all(jobs.map((one, i) => final(app, one, owners[i])));
		expect(done.map(({ status }) => status)).toEqual(Array(5).fill("completed"));
		expect(most).toEqual({ ada: 1, bob: 1 });
	});
}
