import { expect, test } from "vitest";
import { constant } from "../../core/backoff.ts";
import { job, Rig, runToEnd } from "../suite/rig.testsuite.ts";
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
