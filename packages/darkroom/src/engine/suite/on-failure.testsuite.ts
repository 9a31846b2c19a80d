import { describe, expect, test } from "vitest";
import { DarkroomError } from "../../core/errors.ts";
import type { Balance } from "../../credits/settlement.ts";
import type { FailureContext } from "../context.ts";
import { type CreateRig, final, job, never, owner, type Process, runToEnd, signal } from "./rig.testsuite.ts";

/** The definition's own cleaning up. */
export function describeOnFailure(createRig: CreateRig): void {
	const rig = createRig();

	const grant = { owner, amount: 10, key: "starter" };

	describe("onFailure", () => {
		test("is called once, with what the steps had returned, when the credits are back already", async () => {
			const calls: { context: FailureContext<unknown>; balance: Balance }[] = [];
			const called = signal();
			const plushie = job(
				"plushie",
				async ({ step }) => {
					await step.run("upload", () => ({ photo: "p1" }));
					await step.run("draw", () => Promise.reject(new DarkroomError("moderated", { detail: "No." })));
				},
				{
					credits: { price: 3 },
					async onFailure(context) {
						calls.push({ context, balance: await process.darkroom.getBalance(owner) });
						called.resolve();
					},
				},
			);
			const process = rig.open({ jobs: [plushie] });
			await process.darkroom.grantCredits(grant);
			await runToEnd(process, plushie, { notes: "blue" });
			await called.promise;
			await rig.settle();
			expect(calls).toMatchObject([
				{
					context: {
						job: { status: "failed" },
						input: { notes: "blue" },
						error: { code: "moderated", detail: "No." },
						results: { upload: { photo: "p1" } },
					},
					balance: { posted: 10, held: 0 },
				},
			]);
			expect(Object.keys(calls[0]?.context.results ?? {})).toEqual(["upload"]);
		});

		test("may fail itself: the job has failed all the same, and the log says so", async () => {
			const clumsy = job("clumsy", () => Promise.reject(new Error("no")), {
				onFailure: () => {
					throw new Error("nor this");
				},
			});
			const process = rig.open({ jobs: [clumsy] });
			expect(await runToEnd(process, clumsy)).toMatchObject({ status: "failed" });
			await rig.settle();
			expect(process.logged.map(({ message }) => message)).toContain("onFailure failed");
		});

		test("that never ends holds up neither the next job nor a stop", async () => {
			const begun = signal();
			const stuck = job("stuck", () => Promise.reject(new Error("no")), {
				onFailure: () => {
					begun.resolve();
					return never;
				},
			});
			const next = job("next", () => "done");
			const process = rig.open({ jobs: [stuck, next], concurrency: 1 });
			await runToEnd(process, stuck);
			await begun.promise;
			const submitted = await process.darkroom.submit(next, { owner, input: {} });
			expect(await final(process, submitted)).toMatchObject({ output: "done" });
			await expect(process.clock.until(process.darkroom.stop({ graceMs: 1_000 }))).resolves.toBeUndefined();
		});

		test.each([
			["the deadline passed", "timed_out", async () => {}],
			[
				"its owner cleared it",
				"cleared",
				async (of: Process) => {
					await of.darkroom.clearSubject({ viewer: owner, subject: "story:1" });
				},
			],
			[
				"a newer one took its place",
				"cleared",
				async (of: Process) => {
					await of.clock.advance(20_000);
					await of.darkroom.submit("endless", { owner, input: {} });
				},
			],
		])("is called too when %s", async (_, code, end) => {
			const codes = signal<string>();
			const begun = signal();
			const endless = job(
				"endless",
				() => {
					begun.resolve();
					return never;
				},
				{
					timeout: "25s",
					subject: () => "story:1",
					staleAfter: "10s",
					onFailure: ({ error }) => codes.resolve(error.code),
				},
			);
			const process = rig.open({ jobs: [endless] });
			await process.darkroom.submit(endless, { owner, input: {} });
			await begun.promise;
			await end(process);
			expect(await process.clock.until(codes.promise)).toBe(code);
		});

		test("is not called again for a job that becomes another owner's", async () => {
			let calls = 0;
			const broken = job("broken", () => Promise.reject(new Error("no")), { onFailure: () => void calls++ });
			const process = rig.open({ jobs: [broken] });
			await runToEnd(process, broken);
			await rig.settle();
			expect(calls).toBe(1);
			await process.darkroom.transferOwner({ from: owner, to: "grace" });
			await rig.settle();
			expect(calls).toBe(1);
		});
	});
}
