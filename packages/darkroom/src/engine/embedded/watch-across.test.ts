import { beforeEach, expect, test } from "vitest";
import type { JobSnapshot } from "../../core/job.ts";
import { final, job, owner, type Process, Rig } from "../suite/rig.testsuite.ts";
import { settle } from "../suite/settle.testsuite.ts";
import { createEmbedded } from "./create-embedded.testsuite.ts";

const quick = job("quick", () => "done");

const rig = Rig.use(createEmbedded);
let here: Process;
let elsewhere: Process;

beforeEach(async () => {
	here = rig.open({ jobs: [quick] });
	elsewhere = rig.open({ jobs: [quick] });
	await here.darkroom.start();
	await elsewhere.darkroom.start();
});

async function finish(process: Process): Promise<JobSnapshot> {
	return final(process, await process.darkroom.submit(quick, { owner, input: {} }));
}

function watch(process: Process, cursor: number) {
	const shown: JobSnapshot[] = [];
	const { ready } = process.darkroom.watch({ viewer: owner, cursor, onJob: (one) => shown.push(one), onEnd: () => {} });
	return { shown, ready };
}

test("a cursor never passes over what another process has changed, so that who resumes with it has missed nothing", async () => {
	const watcher = watch(here, 0);
	await watcher.ready;
	const theirs = await finish(elsewhere);
	const ours = await finish(here);
	await settle();
	expect(watcher.shown.map(({ id, version }) => [id, version])).toContainEqual([theirs.id, theirs.version]);
	expect(watcher.shown.at(-1)).toMatchObject({ id: ours.id, version: ours.version });
	const versions = watcher.shown.map(({ version }) => version);
	expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
});

test("a watcher is shown what another process changes by the next sweep, with no change in its own", async () => {
	const watcher = watch(here, 0);
	await watcher.ready;
	const theirs = await finish(elsewhere);
	await here.clock.advance("1s");
	expect(watcher.shown.at(-1)).toMatchObject({ id: theirs.id, version: theirs.version, status: "completed" });
});
