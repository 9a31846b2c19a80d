import { expect, test } from "vitest";
import { RefusingStore } from "../suite/refusing-store.testsuite.ts";
import { final, job, owner, Rig } from "../suite/rig.testsuite.ts";
import { createInngest } from "./create-inngest.testsuite.ts";

const rig = Rig.use(createInngest());

test("an outbox and a sweep that find the store away share one line, and the job goes on when it is back", async () => {
	const draw = job("draw", () => "drawn");
	const refusing = new RefusingStore(["sweep", "takeDispatches"]);
	const process = rig.open({ jobs: [draw], store: refusing.between });
	await process.darkroom.start();
	const before = process.logged.length;
	refusing.isAway = true;
	const submitted = await process.darkroom.submit(draw, { owner, input: {} });
	await process.clock.advance(5_000);
	expect(new Set(refusing.asked)).toEqual(new Set(["sweep", "takeDispatches"]));
	const lines = process.logged.slice(before).filter(({ message }) => message !== "job submitted");
	expect(lines.map(({ message }) => message)).toEqual(["the store is away"]);
	refusing.isAway = false;
	expect(await process.clock.until(final(process, submitted))).toMatchObject({ status: "completed", attempt: 1 });
});
