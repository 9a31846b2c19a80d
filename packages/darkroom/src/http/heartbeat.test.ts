import { expect, test } from "vitest";
import type { Clock } from "../core/clock.ts";
import { createHeartbeat } from "./heartbeat.ts";

const periodMs = 16_000;

/** Timers that fire when the test says so, in the order of their time. */
function manualClock() {
	let now = 0;
	const timers = new Map<() => void, number>();
	const clock: Clock = {
		now: () => now,
		after(delayMs, callback) {
			timers.set(callback, now + delayMs);
			return () => timers.delete(callback);
		},
	};
	const advance = (ms: number) => {
		const end = now + ms;
		for (;;) {
			const due = [...timers].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b)[0];
			if (!due) break;
			timers.delete(due[0]);
			now = due[1];
			due[0]();
		}
		now = end;
	};
	return { clock, advance, timers };
}

test("every member beats once per period, whenever it joined", () => {
	const { clock, advance } = manualClock();
	const heartbeat = createHeartbeat(clock, periodMs);
	const members = Array.from({ length: 40 }, () => ({ beats: 0 }));
	for (const member of members) {
		heartbeat.join(() => void member.beats++);
		advance(periodMs / 16 / 7);
	}
	for (const member of members) member.beats = 0;
	advance(3 * periodMs);
	expect(members).toEqual(members.map(() => ({ beats: 3 })));
});

test("thousands of members share one timer, and none is left when they are gone", () => {
	const { clock, timers } = manualClock();
	const heartbeat = createHeartbeat(clock, periodMs);
	const leave = Array.from({ length: 5_000 }, () => heartbeat.join(() => {}));
	expect(timers.size).toBe(1);
	for (const one of leave) one();
	expect(timers.size).toBe(0);
});

test("who has left beats no more, also when it leaves in its own beat", () => {
	const { clock, advance, timers } = manualClock();
	const heartbeat = createHeartbeat(clock, periodMs);
	let beats = 0;
	const leave = heartbeat.join(() => {
		beats++;
		leave();
		leave();
	});
	advance(5 * periodMs);
	expect(beats).toBe(1);
	expect(timers.size).toBe(0);
});

test("it beats again after all had left", () => {
	const { clock, advance } = manualClock();
	const heartbeat = createHeartbeat(clock, periodMs);
	heartbeat.join(() => {})();
	let beats = 0;
	heartbeat.join(() => beats++);
	advance(periodMs);
	expect(beats).toBe(1);
});
