import { describe, expect, test } from "vitest";
import type { JobSnapshot } from "../core/job.ts";
import { assetEtag, jobEtag, noneMatchNames } from "./etag.ts";

const queued: JobSnapshot = {
	id: "j1",
	kind: "generate-prompt",
	status: "queued",
	progress: 0,
	message: null,
	steps: [],
	input: {},
	price: 1,
	charged: 0,
	queuePosition: 3,
	etaMs: 9_000,
	attempt: 0,
	version: 7,
	createdAt: "2026-01-01T00:00:00.000Z",
};

describe("If-None-Match", () => {
	test.each([
		['"a"', '"a"', true],
		['"a", "b"', '"b"', true],
		['W/"a"', '"a"', true],
		['"a"', 'W/"a"', true],
		["*", '"a"', true],
		['"b"', '"a"', false],
		["a", '"a"', false],
		["", '"a"', false],
		[null, '"a"', false],
	])("%s names %s: %s", (header, etag, expected) => {
		expect(noneMatchNames(header, etag)).toBe(expected);
	});
});

describe("a job's tag", () => {
	test("changes with the version and with the place in the queue", () => {
		const tags = [queued, { ...queued, version: 8 }, { ...queued, queuePosition: 2 }].map(jobEtag);
		expect(new Set(tags).size).toBe(3);
	});

	test("stays while only time passes", () => {
		expect(jobEtag({ ...queued, etaMs: 8_000 })).toBe(jobEtag(queued));
	});

	test("is weak, because answers of one tag may differ in their ETA", () => {
		expect(jobEtag(queued)).toMatch(/^W\//);
	});
});

test("a thumbnail's tag is not that of the whole picture", () => {
	expect(new Set([assetEtag("a1", undefined), assetEtag("a1", 64), assetEtag("a1", 128)]).size).toBe(3);
});
