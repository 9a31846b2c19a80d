import { describe, expect, test } from "vitest";
import { constant } from "../../core/backoff.ts";
import { job, runToEnd } from "../suite/rig.testsuite.ts";
import { turns } from "../suite/settle.testsuite.ts";
import { expectCharged, FaultRig, now } from "./fault-rig.testsuite.ts";

/** Longer than the other chain of the same code needs to find its next step. */
const longTurns = 10;
/** Longer than a call that was made at the same time needs to find its step. */
const workTurns = 60;

describe.each([
	["with checkpoints", true],
	["without checkpoints", false],
])("chains of steps at the same time, %s,", (_, checkpointing) => {
	const rig = FaultRig.use({ checkpointing });

	/**
	 * Two chains, of which now the one and now the other comes first: of two calls that are made for a step each, at the
	 * same time, both or none find theirs first, so both give it the same place.
	 */
	function chains(work: (name: string, attempt: number) => unknown) {
		let calls = 0;
		return job(
			"chains",
			({ step }) => {
				const call = calls++;
				// What the two calls before have completed is made known, and both next steps have to be found at once.
				const isDiscovery = call % 3 === 0;
				const chain = async (letter: string, at: number) => {
					const made: unknown[] = [];
					for (const number of [1, 2, 3]) {
						if (!isDiscovery && at !== call % 2) await turns(longTurns);
						const name = `${letter}${number}`;
						const slowly = async (attempt: number) => {
							await turns(workTurns);
							return work(name, attempt);
						};
						made.push(await step.run(name, ({ attempt }) => slowly(attempt)));
					}
					return made;
				};
				return Promise.all(["a", "b"].map(chain));
			},
			{ credits: { price: 2 }, retry: { attempts: 2, backoff: constant(10) } },
		);
	}

	const names = ["a", "b"].map((letter) => [1, 2, 3].map((number) => `${letter}${number}`));

	test("lose no result where two of them are given the same place, and run each step once", async () => {
		const ran: string[] = [];
		const definition = chains((name) => {
			ran.push(name);
			return name;
		});
		let refused = 0;
		const process = await rig.start({
			jobs: [definition],
			store: (own) => ({
				...own,
				completeStep: (step) =>
					own.completeStep(step).catch((error: Error) => {
						if (error.name === "PlaceTakenError") refused++;
						throw error;
					}),
			}),
		});
		const done = await runToEnd(process, definition);
		expect(refused, "places that were given twice").toBeGreaterThan(0);
		expect(done).toMatchObject({ status: "completed", output: names });
		expect(ran.sort()).toEqual(names.flat());
		const { steps } = await now(process, done);
		expect(steps.map(({ name }) => name).sort()).toEqual(names.flat());
		await expectCharged(process, 2);
	});

	test("lose no failed try either, and try again under the next number", async () => {
		const tries: string[] = [];
		const definition = chains((name, attempt) => {
			tries.push(`${name} ${attempt}`);
			if (attempt === 1) throw new Error("not yet");
			return name;
		});
		const process = await rig.start({ jobs: [definition] });
		const done = await runToEnd(process, definition);
		expect(done).toMatchObject({ status: "completed", output: names });
		expect(tries.sort()).toEqual(names.flat().flatMap((name) => [`${name} 1`, `${name} 2`]));
		await expectCharged(process, 2);
	});
});
