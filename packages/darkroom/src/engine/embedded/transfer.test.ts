import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { assetRef } from "../../assets/asset-ref.ts";
import { files } from "../../assets/files.ts";
import { createDarkroom } from "../../create-darkroom.ts";
import { sqlite } from "../../store/sqlite/index.ts";
import type { Darkroom } from "../darkroom.ts";
import { defineJob } from "../define-job.ts";
import { final } from "../suite/rig.testsuite.ts";

let begun: PromiseWithResolvers<void>;
let goOn: PromiseWithResolvers<void>;
const copy = defineJob({
	kind: "copy",
	input: z.object({ photo: assetRef }),
	output: z.object({ copy: assetRef, scratch: assetRef }),
	assets: ({ photo }) => [photo],
	run: ({ input, step, assets }) =>
		step.run("copy", async () => {
			const scratch = await assets.save((await assets.read(input.photo)).bytes);
			begun.resolve();
			await goOn.promise;
			const { bytes } = await assets.read(await assets.keep(input.photo));
			const made = await assets.save(bytes);
			await assets.delete(await assets.save(bytes));
			return { copy: made, scratch };
		}),
});

const whose = defineJob({
	kind: "whose",
	input: z.object({}),
	output: z.string(),
	run: async ({ job, step }) => step.run("look", () => job.owner),
});

let folder: string;
let worker: Darkroom;
let other: Darkroom;

beforeEach(async () => {
	begun = Promise.withResolvers();
	goOn = Promise.withResolvers();
	folder = await mkdtemp(join(tmpdir(), "darkroom-transfer-"));
	const open = (concurrency: number) =>
		createDarkroom({
			jobs: [copy, whose],
			store: sqlite(join(folder, "darkroom.db")),
			assets: files(join(folder, "assets")),
			engine: { concurrency },
		});
	[worker, other] = [open(10), open(0)];
	await worker.start();
	await other.start();
});

afterEach(async () => {
	await Promise.all([worker.stop({ graceMs: 0 }), other.stop({ graceMs: 0 })]);
	await rm(folder, { recursive: true, force: true });
});

test("a job that becomes another's in the very commit that claims it knows its new owner", async () => {
	const [done] = await Promise.all([
		worker.submit(whose, { owner: "guest", input: {} }),
		worker.transferOwner({ from: "guest", to: "ada" }),
	]);
	expect(await final({ darkroom: worker }, done, "ada")).toMatchObject({ output: "ada", attempt: 1 });
});

test("a step that works with the guest's pictures goes on with the new owner's, though its worker has not heard whose they are", async () => {
	const sample = await sharp({ create: { width: 40, height: 30, channels: 3, background: "teal" } })
		.jpeg()
		.toBuffer();
	const body = new Blob([new Uint8Array(sample)]).stream();
	const { id: photo } = await worker.uploadAsset({ owner: "guest", body });
	const { id } = await worker.submit(copy, { owner: "guest", input: { photo } });
	await begun.promise;
	await other.transferOwner({ from: "guest", to: "ada" });
	// At once: the worker hears of others' commits only now and then.
	goOn.resolve();
	const done = await final({ darkroom: worker }, { id }, "ada");
	expect(done).toMatchObject({ status: "completed", attempt: 1 });
	const { copy: made, scratch } = done.output as { copy: string; scratch: string };
	for (const asset of [photo, made, scratch]) expect(await other.getAsset("ada", asset)).toMatchObject({ id: asset });
	const found = await Promise.allSettled([photo, made, scratch].map((asset) => other.getAsset("guest", asset)));
	expect(found.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
});
