import fc from "fast-check";
import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

test("no more weight than there is room is inside at a time, and all come through in order", async () => {
	const weights = fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 30 });
	await fc.assert(
		fc.asyncProperty(fc.scheduler(), weights, async (scheduler, given) => {
			const gate = createGate(10);
			const begun: number[] = [];
			let inside = 0;
			const passes = given.map((weight, i) =>
				gate.pass(weight, async () => {
					begun.push(i);
					inside += Math.min(weight, 10);
					expect(inside).toBeLessThanOrEqual(10);
					await scheduler.schedule(Promise.resolve());
					inside -= Math.min(weight, 10);
					return i;
				}),
			);
			await scheduler.waitFor(Promise.all(passes));
			expect(begun).toEqual(given.map((_, i) => i));
		}),
	);
});

test("work for which there is room does not wait for other work", async () => {
	const gate = createGate(2);
	const end = Promise.withResolvers<void>();
	const first = gate.pass(1, () => end.promise);
	expect(await gate.pass(1, async () => "through")).toBe("through");
	end.resolve();
	await first;
});

test("what is heavier than all room goes alone", async () => {
	const gate = createGate(2);
	expect(await gate.pass(3, async () => "through")).toBe("through");
});

test("work that fails gives its room back", async () => {
	const gate = createGate(1);
	const failure = new Error("broken");
	const first = gate.pass(1, () => Promise.reject(failure));
	const second = gate.pass(1, async () => "through");
	await expect(first).rejects.toBe(failure);
	expect(await second).toBe("through");
});
