import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineJob } from "darkroom";
import { createTestDarkroom, type TestDarkroom } from "darkroom/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { generatePlushie } from "../jobs/generate-plushie.ts";
import { readPlushieStart } from "./plushie-start.ts";

/** Works on a photo, and deletes it. */
const forgetful = defineJob({
	kind: "forgetful",
	input: z.object({ photo: z.string() }),
	output: z.null(),
	async run({ input, assets }) {
		await assets.delete(input.photo);
		return null;
	},
});
const sample = join(import.meta.dirname, "../public/sample-photo.webp");

let testing: TestDarkroom;
beforeEach(async () => {
	testing = await createTestDarkroom({ jobs: [generatePlushie, forgetful] });
});
afterEach(() => testing.close());

async function upload(owner: string): Promise<string> {
	const body = new Blob([new Uint8Array(await readFile(sample))]).stream();
	return (await testing.darkroom.uploadAsset({ owner, body })).id;
}

async function refused() {
	const photo = await upload("ada");
	const notes = "[moderated] One ear folds over.";
	const { id, status } = await testing.run(generatePlushie, { owner: "ada", input: { photo, notes } });
	expect(status).toBe("failed");
	return { id, photo, notes };
}

test("a plushie that failed gives the next one its photo and its notes to begin with", async () => {
	const { id, photo, notes } = await refused();
	expect(await readPlushieStart(testing.darkroom, "ada", id)).toEqual({ from: id, photo, notes });
});

test("only its notes where its photo is gone", async () => {
	const photo = await upload("ada");
	const { id } = await testing.run(generatePlushie, { owner: "ada", input: { photo, notes: "One ear folds over." } });
	await testing.run(forgetful, { owner: "ada", input: { photo } });
	expect(await readPlushieStart(testing.darkroom, "ada", id)).toEqual({
		from: id,
		photo: null,
		notes: "One ear folds over.",
	});
});

test("somebody else's gives nothing, nor does one that never was or is no plushie", async () => {
	const { id, photo } = await refused();
	const { id: another } = await testing.run(forgetful, { owner: "ada", input: { photo } });
	for (const [viewer, jobId] of [
		["bob", id],
		["ada", "never"],
		["ada", another],
	] as const) {
		expect(await readPlushieStart(testing.darkroom, viewer, jobId)).toBeUndefined();
	}
});
