import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobSnapshot } from "../http/protocol.ts";
import { JobWindow } from "./job-window.ts";
import { snapshot } from "./snapshot.testsuite.ts";

const job = (number: number, fields: Partial<JobSnapshot> = {}) =>
	snapshot({ id: `job-${String(number).padStart(3, "0")}`, ...fields });
const numbers = (window: JobWindow) => window.jobs.map(({ id }) => Number(id.slice(4)));

/** What a server with these jobs answers. */
function page(all: readonly number[], limit: number, below = Number.POSITIVE_INFINITY) {
	const rest = all.filter((number) => number < below).sort((a, b) => b - a);
	const shown = rest.slice(0, limit);
	return {
		jobs: shown.map((number) => job(number)),
		nextCursor: rest.length > limit ? String(shown.at(-1)) : null,
	};
}

function readFirst(window: JobWindow, all: readonly number[], limit: number): void {
	window.beginFirstPage();
	window.takeFirstPage(page(all, limit));
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("the window on a list of jobs", () => {
	it("shows new jobs first and changed ones in their place", () => {
		const window = new JobWindow({});
		readFirst(window, [1, 2, 3], 20);
		window.takeChange(job(4));
		window.takeChange(job(2, { version: 9, status: "completed" }));
		expect(numbers(window)).toEqual([4, 3, 2, 1]);
		expect(window.jobs[2]).toMatchObject({ version: 9, status: "completed" });
	});

	it("shows no part of the list before it knows which, and loses nothing that came meanwhile", () => {
		const window = new JobWindow({});
		window.beginFirstPage();
		window.takeChange(job(1));
		window.takeChange(job(9));
		expect(numbers(window)).toEqual([]);
		window.takeFirstPage(page(range(1, 8), 3));
		expect(numbers(window)).toEqual([9, 8, 7, 6]);
	});

	it("adds older pages without a job twice, and knows when there are no more", () => {
		const window = new JobWindow({});
		readFirst(window, range(1, 50), 20);
		window.takeNextPage(page(range(1, 50), 20, 31));
		expect(numbers(window)).toEqual(range(11, 50).reverse());
		expect(window.nextCursor).toBe("11");
		window.takeNextPage(page(range(1, 50), 20, 11));
		expect(numbers(window)).toEqual(range(1, 50).reverse());
		expect(window.nextCursor).toBeNull();
	});

	it("leaves a changed job that is below its floor to the page that will bring it", () => {
		const window = new JobWindow({});
		readFirst(window, range(1, 50), 20);
		expect(window.takeChange(job(5))).toBe(false);
		expect(numbers(window)).toEqual(range(31, 50).reverse());
	});

	it("keeps loaded pages when the first one is read again", () => {
		const window = new JobWindow({});
		readFirst(window, range(1, 50), 20);
		window.takeNextPage(page(range(1, 50), 20, 31));
		readFirst(window, range(1, 52), 20);
		expect(numbers(window)).toEqual(range(11, 52).reverse());
		expect(window.nextCursor).toBe("11");
	});

	it("begins anew when so much is new that keeping the old would leave a hole", () => {
		const window = new JobWindow({});
		readFirst(window, range(1, 20), 20);
		// The answer's jobs reach the cache, and so this window, before the page as a whole does.
		window.beginFirstPage();
		const answer = page(range(1, 60), 20);
		for (const one of answer.jobs) window.takeChange(one);
		window.takeFirstPage(answer);
		expect(numbers(window)).toEqual(range(41, 60).reverse());
		expect(window.nextCursor).toBe("41");
	});

	it("drops what the server no longer lists, but not what came while it answered", () => {
		const window = new JobWindow({});
		readFirst(window, [1, 2, 3], 20);
		window.beginFirstPage();
		window.takeChange(job(4));
		window.takeFirstPage(page([1, 3], 20));
		expect(numbers(window)).toEqual([4, 3, 1]);
	});

	it("holds to its filter: kind, subject and status", () => {
		const window = new JobWindow({ kind: "echo", subject: "story:1", status: ["queued", "running"] });
		readFirst(window, [], 20);
		const ours = { subject: "story:1" };
		window.takeChange(job(1, ours));
		window.takeChange(job(2, { ...ours, kind: "other" }));
		window.takeChange(job(3, { subject: "story:2" }));
		window.takeChange(job(4, { ...ours, status: "failed" }));
		expect(numbers(window)).toEqual([1]);
		window.takeChange(job(1, { ...ours, status: "completed", version: 2 }));
		expect(numbers(window)).toEqual([]);
	});

	it("is an unbroken stretch of the server's list without doubles, whatever comes in whatever order", () => {
		const act = fc.oneof(
			fc.record({ type: fc.constant("create" as const), seen: fc.boolean() }),
			fc.record({ type: fc.constant("first" as const) }),
			fc.record({ type: fc.constant("more" as const) }),
		);
		fc.assert(
			fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (acts, limit) => {
				const server: number[] = [];
				const window = new JobWindow({});
				for (const { type, ...rest } of acts) {
					if (type === "create") {
						server.push(server.length);
						if ("seen" in rest && rest.seen) window.takeChange(job(server.length - 1));
					} else if (type === "first") {
						readFirst(window, server, limit);
					} else if (window.nextCursor !== null) {
						window.takeNextPage(page(server, limit, Number(window.nextCursor)));
					}
				}
				readFirst(window, server, limit);
				const shown = numbers(window);
				expect(shown).toEqual(server.toReversed().slice(0, shown.length));
				expect(shown.length).toBeGreaterThanOrEqual(Math.min(limit, server.length));
				expect(window.nextCursor === null).toBe(shown.length === server.length);
			}),
		);
	});
});
