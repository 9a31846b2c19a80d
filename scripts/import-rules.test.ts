import { describe, expect, test } from "vitest";
import {
	checkAppFile,
	checkLibraryFile,
	findCircles,
	importRules,
	importsOf,
	libraryImportsOf,
} from "./import-rules.ts";

describe("imports are read from a file", () => {
	test("over several lines, re-exported, dynamic and for their effect alone", () => {
		const source = [
			'import {\n\tone,\n\ttype Two,\n} from "./a.ts";',
			'import type { Three } from "./b.ts";',
			'import four, { five } from "./c.ts";',
			'import * as six from "./d.ts";',
			'export { seven } from "./e.ts";',
			'export type { Eight } from "./f.ts";',
			'import "./g.ts";',
			'const nine = await import("./h.ts");',
		].join("\n");
		expect(importsOf(source).map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
			["./a.ts", false],
			["./b.ts", true],
			["./c.ts", false],
			["./d.ts", false],
			["./e.ts", false],
			["./f.ts", true],
			["./g.ts", false],
			["./h.ts", false],
		]);
	});

	test("with the line that they begin at", () => {
		expect(importsOf('\n\nimport { a } from "./a.ts";')[0]?.line).toBe(3);
	});

	test("and not from what merely looks like one", () => {
		const source = 'export const text = "x";\nconst sql = `delete from "jobs"`;\n// import { a } from "./a.ts"\n';
		expect(importsOf(source)).toEqual([]);
	});
});

describe("the library's layers hold: an import that points up is refused, with the reason", () => {
	const refused: [file: string, source: string, because: RegExp][] = [
		["core/job.ts", 'import { settleEnd } from "../credits/settlement.ts";', /core is the rules themselves/],
		["core/ids.ts", 'import { randomUUID } from "node:crypto";', /core is the rules themselves/],
		["core/schema.ts", 'import { z } from "zod";', /core is the rules themselves/],
		["credits/settlement.ts", 'import type { Store } from "../store/store.ts";', /credits are pure/],
		["store/store.ts", 'import { sqlite } from "./sqlite/index.ts";', /the store's interface/],
		["store/sqlite/claim.ts", 'import type { Engine } from "../../engine/executor.ts";', /never an engine/],
		["store/sqlite/claim.ts", 'import { rows } from "../postgres/rows.ts";', /another store/],
		["assets/files.ts", 'import type { Store } from "../store/store.ts";', /bytes know nothing of rows/],
		["models/index.ts", 'import type { Darkroom } from "../engine/darkroom.ts";', /models know nothing/],
		["engine/executor.ts", 'import { sqlite } from "../store/sqlite/index.ts";', /it must run on any of them/],
		["engine/executor.ts", 'import { files } from "../assets/files.ts";', /it must run on any of them/],
		["engine/executor.ts", 'import { embedded } from "./embedded/index.ts";', /it must run on any of them/],
		["engine/executor.ts", 'import type { Problem } from "../http/protocol.ts";', /it must run on any of them/],
		["engine/embedded/claimer.ts", 'import { serve } from "../inngest/serve.ts";', /no other engine/],
		["http/handler.ts", 'import { sqlite } from "../store/sqlite/index.ts";', /whatever store and engine/],
		["engine/runtime.ts", 'import { sqlite } from "../store/sqlite/index.ts";', /are given to it/],
		["http/protocol.ts", 'import { errorRules } from "../core/errors.ts";', /loaded by browsers/],
		["client/watch.ts", 'import { isActive } from "../core/status.ts";', /not by `import type`/],
		["client/watch.ts", 'import type { Job } from "../store/store.ts";', /the client runs in browsers/],
		["client/watch.ts", 'import { setTimeout } from "node:timers/promises";', /nothing of Node/],
		["react/use-job.ts", 'import { defineJob } from "../engine/define-job.ts";', /not by `import type`/],
		["react/use-job.ts", 'import { useQuery } from "@tanstack/react-query";', /the hooks run in browsers/],
		["engine/executor.ts", 'import { fakeClock } from "../testing/clock.ts";', /testing is for tests alone/],
		["create-darkroom.ts", 'import { fakeClock } from "./testing/clock.ts";', /testing is for tests alone/],
		["misc/new.ts", 'import { newId } from "../core/ids.ts";', /no row/],
	];
	test.each(refused)("%s may not: %s", (file, source, because) => {
		expect(checkLibraryFile(file, source)).toEqual([expect.stringMatching(because)]);
	});

	const accepted: [file: string, source: string][] = [
		["core/backoff.ts", 'import { toMs } from "./duration.ts";'],
		["credits/settlement.ts", 'import type { ChargeMoment } from "../core/job.ts";'],
		["store/sqlite/claim.ts", 'import type { Claim } from "../store.ts";\nimport { DatabaseSync } from "node:sqlite";'],
		["store/sqlite/claim.ts", 'import { toRow } from "./rows.ts";'],
		["engine/executor.ts", 'import type { Store } from "../store/store.ts";'],
		["engine/executor.ts", 'import { uploadLimitBytes } from "../assets/images.ts";'],
		["engine/embedded/claimer.ts", 'import { execute } from "../executor.ts";'],
		["engine/runtime.ts", 'import { createEmbeddedEngine } from "./embedded/embedded-engine.ts";'],
		["http/protocol.ts", 'export { isActive } from "../core/status.ts";'],
		["models/placeholder/image.ts", 'import { colourOf } from "./colour.ts";\nimport { obey } from "../obey.ts";'],
		["http/handler.ts", 'import type { Darkroom } from "../engine/darkroom.ts";\nimport { Hono } from "hono";'],
		["http/events.ts", 'import { jobEvent } from "./protocol.ts";'],
		["client/watch.ts", 'import { jobEvent } from "../http/protocol.ts";'],
		["client/watch.ts", 'import type { JobDefinition } from "../engine/define-job.ts";'],
		["react/use-job.ts", 'import { createClient } from "../client/index.ts";\nimport { useEffect } from "react";'],
		["create-darkroom.ts", 'import { startEmbedded } from "./engine/embedded/index.ts";'],
		["testing/suite.ts", 'import { execute } from "../engine/executor.ts";'],
		["core/ids.test.ts", 'import { fakeClock } from "../testing/clock.ts";\nimport fc from "fast-check";'],
	];
	test.each(accepted)("%s may: %s", (file, source) => {
		expect(checkLibraryFile(file, source)).toEqual([]);
	});

	test("every row gives its reason", () => {
		for (const rule of importRules) expect(rule.why.length).toBeGreaterThan(20);
	});
});

describe("files do not import each other in a circle", () => {
	const circlesOf = (files: Readonly<Record<string, string>>) =>
		findCircles(new Map(Object.entries(files).map(([file, source]) => [file, libraryImportsOf(file, source)])));

	test("not even for types, and not by way of others: the whole circle is told, once", () => {
		const circle = circlesOf({
			"engine/context.ts": 'import type { Step } from "./step.ts";',
			"engine/step.ts": 'import { Run } from "./run.ts";',
			"engine/run.ts": 'import { toMs } from "../core/duration.ts";\nimport type { Step } from "./step.ts";',
			"core/duration.ts": "",
		});
		expect(circle).toEqual(["engine/step.ts → engine/run.ts → engine/step.ts: these import each other in a circle."]);
	});

	test("but may meet again further down", () => {
		const source = 'import { c } from "./c.ts";';
		expect(circlesOf({ "a.ts": `import { b } from "./b.ts";\n${source}`, "b.ts": source, "c.ts": "" })).toEqual([]);
	});

	test("tests aside, which may use what uses them", () => {
		const circle = circlesOf({
			"a.testsuite.ts": 'import { b } from "./b.ts";',
			"b.ts": 'import { suite } from "./a.testsuite.ts";',
		});
		expect(circle).toEqual([]);
	});
});

describe("an app uses what the package publishes and nothing behind it", () => {
	const published = new Set(["darkroom", "darkroom/react", "darkroom/testing"]);
	test.each([
		['import { defineJob } from "darkroom";', "jobs/plushie.ts"],
		['import { useGenerationJob } from "darkroom/react";', "features/form.tsx"],
		['import { button } from "../ui/button.tsx";', "features/form.tsx"],
		['import { memoryStore } from "darkroom/testing";', "jobs/plushie.test.ts"],
	])("%s in %s is accepted", (source, file) => {
		expect(checkAppFile("apps/studio", file, source, published)).toEqual([]);
	});
	test.each([
		['import { newId } from "darkroom/src/core/ids.ts";', "jobs/plushie.ts", /does not publish/],
		['import { newId } from "../../../packages/darkroom/src/core/ids.ts";', "jobs/plushie.ts", /own files/],
		['import { memoryStore } from "darkroom/testing";', "jobs/plushie.ts", /tests alone/],
	])("%s in %s is refused", (source, file, because) => {
		expect(checkAppFile("apps/studio", file, source, published)).toEqual([expect.stringMatching(because)]);
	});
});
