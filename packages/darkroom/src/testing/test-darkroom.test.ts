import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateImage, generateText } from "ai";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { assetRef, DarkroomError, defineJob } from "../index.ts";
import { createManualClock, createTestDarkroom, type TestDarkroom } from "./index.ts";

const picture = defineJob({
	kind: "draw-picture",
	input: z.object({ prompt: z.string() }),
	output: z.object({ picture: assetRef, words: z.string() }),
	credits: { price: 2 },
	async run({ input, step, models, assets }) {
		const words = await step.run("describe", async () => {
			const { text } = await generateText({ model: models.prompt, prompt: input.prompt });
			return text;
		});
		const drawn = await step.run("draw", async () => {
			const { image } = await generateImage({ model: models.image, prompt: words });
			return assets.save(image.uint8Array);
		});
		return { picture: drawn, words };
	},
});

const patient = defineJob({
	kind: "wait-long",
	input: z.object({}),
	output: z.object({ tries: z.number() }),
	timeout: "3h",
	async run({ step }) {
		await step.sleep("rest", "2h");
		const tries = await step.run("try", ({ attempt }) => {
			if (attempt < 3) throw new DarkroomError("outage", { detail: "Not yet." });
			return attempt;
		});
		return { tries };
	},
});

let testing: TestDarkroom | undefined;
let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "darkroom-testing-"));
	vi.stubEnv("TMPDIR", folder);
});

afterEach(async () => {
	await testing?.close();
	vi.unstubAllEnvs();
	await rm(folder, { recursive: true });
});

test("a job runs to its end on a real store, with placeholder models and real pictures", async () => {
	testing = await createTestDarkroom({ jobs: [picture] });
	const job = await testing.run(picture, { input: { prompt: "A lighthouse" } });
	expect(job).toMatchObject({ status: "completed", charged: 2 });
	const asset = await testing.darkroom.getAsset("tester", job.output?.picture ?? "none");
	expect(asset.contentType).toMatch(/^image\//);
	expect(await testing.darkroom.getBalance("tester")).toEqual({ posted: 998, held: 0, available: 998 });
});

test("a job that fails comes back failed, with its reason, and is not charged", async () => {
	testing = await createTestDarkroom({ jobs: [picture], credits: 5 });
	const job = await testing.run(picture, { owner: "ada", input: { prompt: "[moderated] A lighthouse" } });
	expect(job).toMatchObject({ status: "failed", error: { code: "moderated" }, charged: 0 });
	expect((await testing.darkroom.getBalance("ada")).available).toBe(5);
});

test("a job of hours with waits and backoffs takes no time under a clock that is moved by hand", async () => {
	const clock = createManualClock();
	const begun = clock.now();
	testing = await createTestDarkroom({ jobs: [patient], clock });
	const job = await clock.until(testing.run(patient, { input: {} }));
	expect(job).toMatchObject({ status: "completed", output: { tries: 3 } });
	expect(clock.now() - begun).toBeGreaterThanOrEqual(2 * 3_600_000);
});

test("what is final already is finished at once, what is not there is not found", async () => {
	testing = await createTestDarkroom({ jobs: [picture] });
	const { id: jobId } = await testing.run(picture, { input: { prompt: "A lighthouse" } });
	expect((await testing.finish({ viewer: "tester", jobId })).status).toBe("completed");
	await expect(testing.finish({ viewer: "bob", jobId })).rejects.toMatchObject({ code: "not_found" });
});

test("nothing is left behind after it is closed, and who still waits is told", async () => {
	testing = await createTestDarkroom({ jobs: [patient] });
	const outcome = expect(testing.run(patient, { input: {} })).rejects.toMatchObject({ code: "stopped" });
	await testing.darkroom.grantCredits({ owner: "tester", amount: 1, key: "later" });
	expect(readdirSync(folder)).toHaveLength(1);
	await new Promise((resolve) => setImmediate(resolve));
	await testing.close();
	await testing.close();
	await outcome;
	expect(existsSync(folder) && readdirSync(folder)).toEqual([]);
});
