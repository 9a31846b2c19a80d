import { expect, test } from "vitest";
import { constant } from "../../core/backoff.ts";
import type { Release, Store } from "../../store/store.ts";
import { job, Rig, runToEnd } from "../suite/rig.testsuite.ts";
import { turns } from "../suite/settle.testsuite.ts";
import { createInngest } from "./create-inngest.testsuite.ts";

const rig = Rig.use(createInngest());

test("an operation that is looked at often is looked at less often after a while, for the sake of Inngest's limit of steps", async () => {
	const process = rig.open({ jobs: [] });
	const looks: number[] = [];
	const film = job("film", ({ step }) =>
		step.operation("render", {
			start: () => "op-1",
			check() {
				looks.push(process.clock.now());
				return looks.length < 60 ? { done: false } : { done: true, value: "done" };
			},
			every: constant("1s"),
		}),
	);
	process.darkroom.define([film]);
	expect(await runToEnd(process, film)).toMatchObject({ status: "completed", output: "done", attempt: 1 });
	const waits = looks.slice(1).map((time, i) => time - (looks[i] as number));
	expect(waits.slice(0, 40)).toEqual(new Array(40).fill(1_000));
	expect(waits.slice(-5)).toEqual(new Array(5).fill(2_000));
}, 60_000);

test("operations that sleep at the same time give the job's place back once, however long the database takes", async () => {
	let refused = 0;
	const releaseSlowly = async (own: Store, release: Release) => {
		await turns(20);
		await own.releaseJob(release).catch((error: unknown) => {
			refused++;
			throw error;
		});
	};
	const process = rig.open({
		jobs: [],
		store: (own) => ({ ...own, releaseJob: (release) => releaseSlowly(own, release) }),
	});
	const startedAt = process.clock.now();
	const looks: number[] = [];
	const render = {
		start: () => "op-1",
		check: () => {
			looks.push(process.clock.now() - startedAt);
			return looks.length > 4 ? { done: true as const, value: "done" } : { done: false as const };
		},
		every: constant("20s"),
	};
	const film = job("film", ({ step }) => Promise.all([step.operation("a", render), step.operation("b", render)]));
	process.darkroom.define([film]);
	expect(await runToEnd(process, film)).toMatchObject({ status: "completed", attempt: 1 });
	expect(looks).toEqual([20_000, 20_000, 40_000, 40_000, 60_000, 60_000]);
	expect(refused).toBe(0);
});
