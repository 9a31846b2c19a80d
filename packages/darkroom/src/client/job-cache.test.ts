import { describe, expect, it } from "vitest";
import { JobCache, type JobChange } from "./job-cache.ts";
import { snapshot } from "./snapshot.testsuite.ts";

function watched() {
	const cache = new JobCache();
	const changes: JobChange[] = [];
	let clears = 0;
	const leave = cache.subscribe({
		onChange: (change) => changes.push(change),
		onClear: () => clears++,
	});
	return { cache, changes, leave, clears: () => clears };
}

describe("the job cache", () => {
	it("never shows a job go back, nor one version twice", () => {
		const { cache, changes } = watched();
		const write = cache.openWriter();
		const versions = [3, 1, 3, 4, 2];
		const latest = versions.map((version) => write(snapshot({ id: "a", version })).version);
		expect(latest).toEqual([3, 3, 3, 4, 4]);
		expect(changes.map(({ job }) => job.version)).toEqual([3, 4]);
	});

	it("shows a new place in the queue, which other jobs change and not the job's own version", () => {
		const { cache, changes } = watched();
		const write = cache.openWriter();
		for (const queuePosition of [3, 3, 1]) write(snapshot({ id: "a", status: "queued", queuePosition }));
		expect(changes.map(({ job }) => job.queuePosition)).toEqual([3, 1]);
	});

	it("tells what was known before", () => {
		const { cache, changes } = watched();
		const write = cache.openWriter();
		write(snapshot({ id: "a", version: 1 }));
		write(snapshot({ id: "a", version: 2 }));
		expect(changes.map(({ previous }) => previous?.version)).toEqual([undefined, 1]);
	});

	it("drops the answer to a question that an earlier viewer asked", () => {
		const { cache, changes, clears } = watched();
		const write = cache.openWriter();
		cache.clear();
		write(snapshot({ id: "someone-else's" }));
		expect(cache.get("someone-else's")).toBeUndefined();
		expect(changes).toEqual([]);
		expect(clears()).toBe(1);
	});

	it("keeps a limited number of jobs: those that changed last", () => {
		const { cache } = watched();
		const write = cache.openWriter();
		for (let i = 0; i < 500; i++) write(snapshot({ id: `job-${i}` }));
		write(snapshot({ id: "job-0", version: 2 }));
		write(snapshot({ id: "one-more" }));
		expect(cache.get("job-0")?.version).toBe(2);
		expect(cache.get("job-1")).toBeUndefined();
		expect(cache.get("one-more")).toBeDefined();
	});

	it("tells nothing to those who have left", () => {
		const { cache, changes, leave } = watched();
		leave();
		cache.openWriter()(snapshot({ id: "a" }));
		expect(changes).toEqual([]);
	});
});
