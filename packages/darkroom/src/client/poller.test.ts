import { describe, expect, it } from "vitest";
import { createManualClock } from "./manual-clock.testsuite.ts";
import { Poller, type Round } from "./poller.ts";

/** A poller whose rounds end when the test says so. */
function polling() {
	const clock = createManualClock();
	const rounds: PromiseWithResolvers<Round>[] = [];
	const poller = new Poller(clock, () => {
		const round = Promise.withResolvers<Round>();
		rounds.push(round);
		return round.promise;
	});
	const end = async (hasChanged: boolean, retryAfterMs = 0) => {
		rounds.at(-1)?.resolve({ hasChanged, retryAfterMs });
		// The poller goes on in the promise's own turn.
		await Promise.resolve();
		await Promise.resolve();
	};
	/** Ms until the next round begins, found by moving the clock. */
	const wait = () => {
		const before = rounds.length;
		for (let ms = 0; ms <= 120_000; ms += 500) {
			if (rounds.length > before) return ms;
			clock.advance(500);
		}
		return undefined;
	};
	return { clock, poller, rounds, end, wait };
}

describe("polling", () => {
	it("begins at once, and waits 3 s after each change", async () => {
		const { poller, rounds, end, wait } = polling();
		poller.start();
		expect(rounds).toHaveLength(1);
		for (let i = 0; i < 3; i++) {
			await end(true);
			expect(wait()).toBe(3_000);
		}
	});

	it("backs off to 15 s while nothing changes, and is quick again when something does", async () => {
		const { poller, end, wait } = polling();
		poller.start();
		const waits: (number | undefined)[] = [];
		for (let i = 0; i < 6; i++) {
			await end(false);
			waits.push(wait());
		}
		expect(waits[0]).toBe(3_000);
		expect(waits).toEqual(waits.toSorted((a, b) => Number(a) - Number(b)));
		expect(waits.at(-1)).toBe(15_000);
		await end(true);
		expect(wait()).toBe(3_000);
	});

	it("never begins a round before the one before has ended", async () => {
		const { clock, poller, rounds } = polling();
		poller.start();
		clock.advance(600_000);
		expect(rounds).toHaveLength(1);
	});

	it("waits as long as the server asks", async () => {
		const { poller, end, wait } = polling();
		poller.start();
		await end(true, 30_000);
		expect(wait()).toBe(30_000);
	});

	it("asks nothing more once stopped, also when a round was under way", async () => {
		const { clock, poller, rounds, end } = polling();
		poller.start();
		poller.stop();
		await end(true);
		clock.advance(600_000);
		expect(rounds).toHaveLength(1);
		expect(clock.pending).toBe(0);
	});

	it("asks at once when begun anew, and goes on only once, however often it is started", async () => {
		const { clock, poller, rounds, end } = polling();
		poller.start();
		poller.start();
		expect(rounds).toHaveLength(1);
		poller.restart();
		expect(rounds).toHaveLength(2);
		rounds[0]?.resolve({ hasChanged: true, retryAfterMs: 0 });
		await end(true);
		clock.advance(3_000);
		expect(rounds).toHaveLength(3);
	});
});
