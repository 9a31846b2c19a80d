import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDarkroom, type Darkroom, type JobSnapshot } from "darkroom";
import { files } from "darkroom/assets/files";
import { sqlite } from "darkroom/sqlite";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { carefulPlushie } from "./careful-plushie.ts";
import { plushie } from "./plushie.ts";
import { storyImages } from "./story-images.ts";

let folder: string;
let darkroom: Darkroom;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "darkroom-docs-"));
	darkroom = createDarkroom({
		jobs: [plushie, carefulPlushie, storyImages],
		store: sqlite(join(folder, "darkroom.db")),
		assets: files(join(folder, "assets")),
	});
	await darkroom.grantCredits({ owner: "ada", amount: 20, key: "starter" });
});

afterEach(async () => {
	await darkroom.stop();
	await rm(folder, { recursive: true });
});

async function uploadPhoto(): Promise<string> {
	const photo = await sharp({ create: { width: 320, height: 240, channels: 3, background: "#c86" } })
		.png()
		.toBuffer();
	const { id } = await darkroom.uploadAsset({ owner: "ada", body: new Blob([new Uint8Array(photo)]).stream() });
	return id;
}

/** Resolves when the job is final, as a page would see it. */
function finished(jobId: string): Promise<JobSnapshot> {
	return new Promise((resolve, reject) => {
		const watch = darkroom.watch({
			viewer: "ada",
			cursor: 0,
			onJob(job) {
				if (job.id !== jobId || job.finishedAt === undefined) return;
				watch.stop();
				resolve(job);
			},
			onEnd: () => reject(new Error("The runtime stopped.")),
		});
	});
}

test.each([plushie, carefulPlushie])(
	"the docs' $kind makes a picture from a photo and charges one credit",
	async (definition) => {
		const { id } = await darkroom.submit(definition, { owner: "ada", input: { photo: await uploadPhoto() } });
		const job = await finished(id);
		expect(job).toMatchObject({ status: "completed", progress: 100, charged: 1 });
		const { plushie: picture } = job.output as { plushie: string };
		expect(await darkroom.getAsset("ada", picture)).toMatchObject({ contentType: expect.stringMatching(/^image\//) });
		expect(await darkroom.getBalance("ada")).toEqual({ posted: 19, held: 0, available: 19 });
	},
);

test("the docs' story charges the pages that were delivered, and says of the others why not", async () => {
	const prompts = ["A fox in the snow", "[moderated] A fox at night", "A fox in the sun"];
	const { id, price } = await darkroom.submit(storyImages, { owner: "ada", input: { storyId: "42", prompts } });
	expect(price).toBe(3);
	const job = await finished(id);
	expect(job).toMatchObject({ status: "completed", charged: 2 });
	const { pages } = job.output as { pages: { image: string | null; error: string | null }[] };
	expect(pages.map(({ image }) => image !== null)).toEqual([true, false, true]);
	expect(pages[1]?.error).toContain("[moderated]");
	expect(await darkroom.getBalance("ada")).toEqual({ posted: 18, held: 0, available: 18 });
});

test("a photo of somebody else's is not there, and nothing is held for it", async () => {
	const photo = await uploadPhoto();
	const theft = darkroom.submit(plushie, { owner: "eve", input: { photo } });
	await expect(theft).rejects.toMatchObject({ code: "not_found" });
	expect(await darkroom.getBalance("eve")).toEqual({ posted: 0, held: 0, available: 0 });
});
