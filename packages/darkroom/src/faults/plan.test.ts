import { expect, test } from "vitest";
import { budgetMinutes, type Plan, plans } from "./plan.testsuite.ts";

/** As scripts/test.ts runs them. */
const workers = 2;
/** What a fault takes besides its rounds: starting servers, finishing the last round and what it left, in minutes. */
const asideMinutes = 0.5;

test("the time that the faults are given ends within the budget, in whatever order they are taken", () => {
	const faults = Object.values<Plan>(plans).map(({ minutes, stores }) => minutes * stores + asideMinutes);
	const all = faults.reduce((sum, minutes) => sum + minutes, 0);
	// Graham's bound for tasks that are taken in any order by as many workers.
	expect(all / workers + Math.max(...faults) * (1 - 1 / workers)).toBeLessThan(budgetMinutes);
});
