import { beforeEach, describe, expect, test } from "vitest";
import { canonicalJson, sign } from "../../testing/inngest/signature.testsuite.ts";
import type { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import { final, job, owner, type Process, runToEnd } from "../suite/rig.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";
import { skipSdkWaits } from "./sdk-waits.testsuite.ts";

const signingKey = `signkey-prod-${"ab".repeat(32)}`;
const anotherKey = `signkey-prod-${"cd".repeat(32)}`;
const eventKey = "the-apps-own-key";

skipSdkWaits();

describe.each([
	["with several steps in a call", true],
	["with a call for each step", false],
])("in production, %s,", (_, checkpointing) => {
	let sends: string;
	beforeEach(() => {
		sends = eventKey;
	});
	const rig = FaultRig.use({
		checkpointing,
		server: { isDev: false, signingKey, eventKey },
		client: () => ({ isDev: false, signingKey, eventKey: sends }),
	});
	const draw = job(
		"draw",
		async ({ step }) => {
			await step.run("plan", () => "planned");
			await step.sleep("nap", "10s");
			return step.run("draw", () => "drawn");
		},
		{ credits: { price: 2 } },
	);

	test("calls that Inngest has signed pass, and so do the app's answers", async () => {
		const process = await rig.start({ jobs: [draw] });
		expect(await runToEnd(process, draw)).toMatchObject({ status: "completed", output: "drawn" });
		await process.server.idle();
		expect(process.server.runs).toMatchObject([{ status: "completed" }]);
		await expectCharged(process, 2);
	});

	async function callUnasked({ server }: { readonly server: InngestServer }, jobId: string, key: string | undefined) {
		const url = new URL(await rig.inngest.appUrl());
		url.search = new URLSearchParams({ fnId: "tests-draw", stepId: "step" }).toString();
		const event = { name: "darkroom/draw.requested", id: `${jobId}.1`, data: { jobId, owner }, ts: 1 };
		const ctx = { run_id: "01FORGED", attempt: 0, stack: { stack: [], current: 0 }, use_api: false };
		const body = canonicalJson({ version: 2, event, events: [event], steps: {}, use_api: false, ctx });
		const headers: Record<string, string> = { "content-type": "application/json", "x-inngest-server-kind": "cloud" };
		if (key) headers["x-inngest-signature"] = sign(body, key);
		const answer = await fetch(url, { method: "POST", body, headers });
		expect(server.calls).toEqual([]);
		return answer.status;
	}

	test.each([
		["is not signed", undefined],
		["is signed with another key", anotherKey],
	])("a call that %s is refused with 401 and reaches no job", async (_, key) => {
		const process = await rig.start({ jobs: [draw] });
		process.server.faults.events = "lost";
		const { id, version } = await process.darkroom.submit(draw, { owner, input: {} });
		await rig.settle();
		expect(await callUnasked(process, id, key)).toBe(401);
		await rig.settle();
		expect(await now(process, { id })).toMatchObject({ status: "queued", attempt: 0, version });
	});

	test("the same call, signed with the right key, would reach it", async () => {
		const process = await rig.start({ jobs: [draw] });
		process.server.faults.events = "lost";
		const { id } = await process.darkroom.submit(draw, { owner, input: {} });
		await rig.settle();
		expect(await callUnasked(process, id, signingKey)).toBeLessThan(300);
	});

	test("events with a key that Inngest does not know are refused, and the jobs stay until it is right", async () => {
		sends = "a-wrong-key";
		const wrong: Process & { readonly server: InngestServer } = await rig.start({ jobs: [draw] });
		const { id } = await wrong.darkroom.submit(draw, { owner, input: {} });
		await wrong.clock.advance("2m");
		expect(wrong.server.events).toEqual([]);
		expect(await now(wrong, { id })).toMatchObject({ status: "queued", attempt: 0 });
		const told = wrong.logged.find(({ message }) => message === "could not send events, trying again later");
		expect(told?.fields).toMatchObject({ reason: "Inngest refuses the event key: 401" });
		await wrong.crash();
		sends = eventKey;
		const right = await rig.start({ jobs: [draw] });
		await right.clock.advance("2m");
		expect(await final(right, { id })).toMatchObject({ status: "completed", output: "drawn" });
		await expectCharged(right, 2);
	});
});
