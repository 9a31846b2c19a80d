import { expect, test } from "vitest";
import { final, job, never, owner, seen } from "../../suite/rig.testsuite.ts";
import { unique } from "./app.testsuite.ts";
import type { ServerRig } from "./rig.testsuite.ts";

/** The function that hears of runs that Inngest has ended. */
const hearsOfEnds = "darkroom-run-ended";

/** A job whose one step goes on until it is told to stop, and when it is. */
function endless() {
	const begun = Promise.withResolvers<void>();
	const aborted = Promise.withResolvers<void>();
	const definition = job(
		unique("endless"),
		({ step, signal }) =>
			step.run("draw", () => {
				signal.addEventListener("abort", () => aborted.resolve());
				begun.resolve();
				return never;
			}),
		{ credits: { price: 1 } },
	);
	return { definition, begun: begun.promise, aborted: aborted.promise };
}

/** Jobs that are ended from outside, here and there. */
export function describeEnds(rig: ServerRig): void {
	test("a job that is cancelled here stops in its step and costs nothing", async () => {
		const { definition, begun, aborted } = endless();
		const { darkroom } = await rig.serve([definition]);
		await darkroom.grantCredits({ owner, amount: 1, key: "starter" });
		const { id: jobId } = await darkroom.submit(definition, { owner, input: {} });
		await begun;
		expect(await darkroom.cancelJob({ viewer: owner, jobId })).toMatchObject({ status: "cancelled", charged: 0 });
		await aborted;
		expect(await darkroom.getBalance(owner)).toEqual({ posted: 1, held: 0, available: 1 });
	});

	test("a job that is cancelled here while it sleeps has its run cancelled there", async () => {
		const ran: string[] = [];
		const sleepy = job(unique("sleepy"), async ({ step }) => {
			await step.run("before", () => void ran.push("before"));
			await step.sleep("night", "10m");
			await step.run("after", () => void ran.push("after"));
		});
		const app = await rig.serve([sleepy]);
		const { id: jobId } = await app.darkroom.submit(sleepy, { owner, input: {} });
		await seen(app, ({ status, steps }) => status === "queued" && steps[0]?.status === "completed");
		expect(app.calls).not.toContain(hearsOfEnds);
		await app.darkroom.cancelJob({ viewer: owner, jobId });
		await app.until(() => app.calls.includes(hearsOfEnds));
		expect(ran).toEqual(["before"]);
	});

	test("a run that is cancelled in the dashboard ends its job, stops its step, and frees what it held", async () => {
		const { definition, begun, aborted } = endless();
		const app = await rig.serve([definition]);
		const { darkroom, store } = app;
		await darkroom.grantCredits({ owner, amount: 1, key: "starter" });
		const submitted = await darkroom.submit(definition, { owner, input: {} });
		await begun;
		const { job: row } = await store.readJob(owner, submitted.id);
		const answer = await fetch(`${rig.server.url}/v1/runs/${row.leaseToken}`, { method: "DELETE" });
		expect(answer.ok, `${answer.status} ${await answer.text()}`).toBe(true);
		expect(await final(app, submitted)).toMatchObject({ status: "cancelled", charged: 0 });
		await aborted;
		expect(await darkroom.getBalance(owner)).toEqual({ posted: 1, held: 0, available: 1 });
	});
}
