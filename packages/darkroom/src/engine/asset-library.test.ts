import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AssetStore } from "../assets/asset-store.ts";
import { files } from "../assets/files.ts";
import { sharpImages } from "../assets/sharp.ts";
import type { Clock } from "../core/clock.ts";
import { DarkroomError } from "../core/errors.ts";
import { silentLogger } from "../core/logger.ts";
import { sqlite } from "../store/sqlite/index.ts";
import type { Store } from "../store/store.ts";
import { type AssetLibraryOptions, createAssetLibrary } from "./asset-library.ts";

const images = sharpImages();
const hourMs = 3_600_000;
const full = new DarkroomError("store_unavailable", { detail: "The disk is full." });

let directory: string;
let store: Store;
let assets: AssetStore;
let nowMs: number;
beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), "darkroom-library-"));
	store = sqlite(join(directory, "rows.db"));
	assets = files(join(directory, "bytes"));
	nowMs = 1_800_000_000_000;
});
afterEach(async () => {
	await store.close();
	await rm(directory, { recursive: true, force: true });
});

describe("an upload", () => {
	test("becomes its owner's asset, measured and with a blurred stand-in", async () => {
		const asset = await library().upload({ owner: "ann", body: bodyOf(await photo(300, 200)) });
		expect(asset).toMatchObject({
			contentType: "image/jpeg",
			width: 300,
			height: 200,
			blur: expect.stringMatching(/^data:image\/webp;base64,/),
			createdAt: new Date(nowMs).toISOString(),
		});
		expect(await library().get("ann", asset.id)).toEqual(asset);
		const opened = await library().open({ viewer: "ann", assetId: asset.id });
		expect(opened).toMatchObject({ contentType: "image/jpeg", size: asset.size });
		const bytes = await bytesOf(opened);
		expect(bytes).toHaveLength(asset.size);
		expect(await sharp(bytes).metadata()).toMatchObject({ format: "jpeg", width: 300, height: 200 });
	});

	test("that is no picture, or over the limit, is refused and leaves nothing", async () => {
		const owner = "ann";
		const text = bodyOf(Buffer.from("hello"));
		await expect(library().upload({ owner, body: text })).rejects.toMatchObject({ code: "unsupported_image" });
		const large = bodyOf(await photo(300, 200));
		await expect(library({ uploadLimitBytes: 100 }).upload({ owner, body: large })).rejects.toMatchObject({
			code: "too_large",
			data: { limit: 100 },
		});
		expect(await storedKeys()).toEqual([]);
	});

	test.each([
		[31, 400],
		[400, 31],
		[1, 1],
	])("of %i × %i pixels is refused where its shortest side needs 32, and leaves nothing", async (width, height) => {
		const strict = library({ uploadMinSidePixels: 32 });
		await expect(strict.upload({ owner: "ann", body: bodyOf(await photo(width, height)) })).rejects.toMatchObject({
			code: "unreadable_image",
			detail: expect.stringContaining(
				`too small: it has ${width} × ${height} pixels, and each side needs at least 32.`,
			),
			data: { limit: 32 },
		});
		expect(await storedKeys()).toEqual([]);
		await strict.upload({ owner: "ann", body: bodyOf(await photo(32, 32)) });
		// A drawing may be as small as its job likes.
		await strict.forJob({ owner: "ann", onSaved: () => {} }).save(await photo(4, 4));
	});

	test("whose row cannot be written leaves no bytes, and says why", async () => {
		const broken = library({ store: { ...store, createAsset: () => Promise.reject(full) } });
		await expect(broken.upload({ owner: "ann", body: bodyOf(await photo(20, 20)) })).rejects.toBe(full);
		expect(await storedKeys()).toEqual([]);
	});

	test("whose bytes cannot be written has no row", async () => {
		const broken = library({ assets: { ...assets, put: () => Promise.reject(full) } });
		await expect(broken.upload({ owner: "ann", body: bodyOf(await photo(20, 20)) })).rejects.toBe(full);
		expect(await store.takeOrphanAssets({ createdBefore: nowMs + 1, now: nowMs, limit: 10 })).toEqual([]);
	});

	test("whose bytes were written by a put that said otherwise leaves neither, at the latest after a sweep", async () => {
		const put: AssetStore["put"] = async (...given) => {
			await assets.put(...given);
			throw full;
		};
		const body = async () => bodyOf(await photo(20, 20));
		await expect(library({ assets: { ...assets, put } }).upload({ owner: "ann", body: await body() })).rejects.toBe(
			full,
		);
		expect(await storedKeys()).toEqual([]);

		const stuck = library({ assets: { ...assets, put, delete: () => Promise.reject(full) } });
		await expect(stuck.upload({ owner: "ann", body: await body() })).rejects.toBe(full);
		expect(await storedKeys()).toHaveLength(1);
		nowMs += 1;
		expect(await library().sweepOrphans(0)).toBe(1);
		expect(await storedKeys()).toEqual([]);
	});
});

test("what is someone else's does not exist, in any way of asking", async () => {
	const { id } = await upload("ann", 300, 200);
	const bob = library().forJob({ owner: "bob", onSaved: () => {} });
	const missing = { code: "not_found" };
	await bytesOf(await library().open({ viewer: "ann", assetId: id, width: 64 }));

	await expect(library().get("bob", id)).rejects.toMatchObject(missing);
	await expect(library().open({ viewer: "bob", assetId: id })).rejects.toMatchObject(missing);
	await expect(library().open({ viewer: "bob", assetId: id, width: 64 })).rejects.toMatchObject(missing);
	await expect(library().remove("bob", id)).rejects.toMatchObject(missing);
	await expect(bob.keep(id)).rejects.toMatchObject(missing);
	await expect(bob.read(id)).rejects.toMatchObject(missing);
	await bob.delete(id);

	expect(await bytesOf(await library().open({ viewer: "ann", assetId: id }))).not.toHaveLength(0);
});

test("a range gives that part of the picture, and of a thumbnail", async () => {
	const { id, size } = await upload("ann", 300, 200);
	for (const width of [undefined, 64]) {
		const whole = await bytesOf(await library().open({ viewer: "ann", assetId: id, width }));
		const range = (of: number) => ({ start: 10, end: of - 5 });
		const part = await library().open({ viewer: "ann", assetId: id, width, range });
		expect(part).toMatchObject({ size: whole.length, range: { start: 10, end: whole.length - 5 } });
		expect(await bytesOf(part)).toEqual(whole.slice(10, -4));
		const all = await library().open({ viewer: "ann", assetId: id, width, range: () => undefined });
		expect(all.range).toBeUndefined();
		if (width === undefined) expect(all.size).toBe(size);
		expect(await bytesOf(all)).toEqual(whole);
	}
});

describe("thumbnails", () => {
	test.each([
		{ asked: 1, of: 500, width: 64 },
		{ asked: 64, of: 500, width: 64 },
		{ asked: 65, of: 500, width: 128 },
		{ asked: 1_280, of: 1_500, width: 1_280 },
		{ asked: 1_280, of: 500, width: 500 },
		{ asked: 5_000, of: 500, width: 500 },
	])("asked for $asked of $of pixels, it is $width wide", async ({ asked, of, width }) => {
		const { id } = await upload("ann", of, 100);
		const opened = await library().open({ viewer: "ann", assetId: id, width: asked });
		expect(opened.contentType).toBe("image/webp");
		expect((await sharp(await bytesOf(opened)).metadata()).width).toBe(width);
	});

	test("wider than the widest is the picture itself", async () => {
		const { id, size } = await upload("ann", 1_500, 100);
		const opened = await library().open({ viewer: "ann", assetId: id, width: 1_281 });
		expect(opened).toMatchObject({ contentType: "image/jpeg", size });
		await opened.body.cancel();
	});

	test.each([0, -1, 1.5, Number.NaN])("a width of %d is invalid_input", async (width) => {
		const { id } = await upload("ann", 100, 100);
		const asked = library().open({ viewer: "ann", assetId: id, width });
		await expect(asked).rejects.toMatchObject({ code: "invalid_input", data: { issues: [{ path: "width" }] } });
	});

	test("are made once, however many ask at the same time, and kept for the next process", async () => {
		let made = 0;
		const counting = {
			...images,
			resize(bytes: Uint8Array, width: number) {
				made++;
				return images.resize(bytes, width);
			},
		};
		const { id } = await upload("ann", 500, 100);
		const first = library({ images: counting });
		const asked = [100, 101, 128].map((width) => first.open({ viewer: "ann", assetId: id, width }));
		const answers = await Promise.all((await Promise.all(asked)).map(bytesOf));
		expect(made).toBe(1);
		expect(answers[1]).toEqual(answers[0]);
		expect(answers[2]).toEqual(answers[0]);
		const again = await library({ images: counting }).open({ viewer: "ann", assetId: id, width: 128 });
		expect(await bytesOf(again)).toEqual(answers[0]);
		expect(made).toBe(1);
	});

	test("are shown even when they cannot be kept", async () => {
		const { id } = await upload("ann", 500, 100);
		const broken = library({ assets: { ...assets, put: () => Promise.reject(full) } });
		const opened = await broken.open({ viewer: "ann", assetId: id, width: 64 });
		expect((await sharp(await bytesOf(opened)).metadata()).width).toBe(64);
		expect(await storedKeys()).toEqual([id]);
	});

	test("that failed are tried again", async () => {
		const { id } = await upload("ann", 500, 100);
		let isBroken = true;
		const flaky = library({
			images: { ...images, resize: (bytes, width) => (isBroken ? Promise.reject(full) : images.resize(bytes, width)) },
		});
		await expect(flaky.open({ viewer: "ann", assetId: id, width: 64 })).rejects.toBe(full);
		isBroken = false;
		expect((await flaky.open({ viewer: "ann", assetId: id, width: 64 })).contentType).toBe("image/webp");
	});
});

describe("removing an asset", () => {
	test("removes its bytes and its thumbnails, and nothing of its neighbours", async () => {
		const gone = await upload("ann", 500, 100);
		const stays = await upload("ann", 500, 100);
		for (const width of [64, 384]) {
			await bytesOf(await library().open({ viewer: "ann", assetId: gone.id, width }));
		}
		await library().remove("ann", gone.id);
		await expect(library().get("ann", gone.id)).rejects.toMatchObject({ code: "not_found" });
		await expect(library().remove("ann", gone.id)).rejects.toMatchObject({ code: "not_found" });
		expect(await storedKeys()).toEqual([stays.id]);
	});

	test("while its thumbnail is being made leaves no thumbnail", async () => {
		const { id } = await upload("ann", 500, 100);
		const started = Promise.withResolvers<void>();
		const removed = Promise.withResolvers<void>();
		const slow = library({
			images: {
				...images,
				async resize(bytes, width) {
					started.resolve();
					await removed.promise;
					return images.resize(bytes, width);
				},
			},
		});
		const opening = slow.open({ viewer: "ann", assetId: id, width: 64 });
		await started.promise;
		await library().remove("ann", id);
		removed.resolve();
		await opening;
		expect(await storedKeys()).toEqual([]);
	});

	test("whose bytes cannot be deleted now removes it for its owner all the same, and the next sweep deletes them", async () => {
		const { id } = await upload("ann", 500, 100);
		let failures = 1;
		const flaky = library({
			assets: { ...assets, delete: (key) => (failures-- > 0 ? Promise.reject(full) : assets.delete(key)) },
		});
		await flaky.remove("ann", id);
		await expect(flaky.get("ann", id)).rejects.toMatchObject({ code: "not_found" });
		expect(await storedKeys()).toEqual([id]);
		expect(await flaky.sweepOrphans(hourMs)).toBe(1);
		expect(await storedKeys()).toEqual([]);
		expect(await flaky.sweepOrphans(hourMs)).toBe(0);
	});

	test.each([
		["before its bytes are deleted", () => false],
		["when some of them are", (key: string) => key.includes(".w64.")],
		["when all of them are", () => true],
	])("by a process that dies %s shows it to nobody, and a sweep of another finishes it", async (_, isDeletedBefore) => {
		const { id } = await upload("ann", 500, 100);
		const job = library().forJob({ owner: "ann", onSaved: () => {} });
		await job.keep(id);
		await bytesOf(await library().open({ viewer: "ann", assetId: id, width: 64 }));
		const died = Promise.withResolvers<void>();
		const dying = library({
			assets: {
				...assets,
				async delete(key) {
					if (isDeletedBefore(key)) await assets.delete(key);
					died.resolve();
					await new Promise(() => {});
				},
			},
		});
		void dying.remove("ann", id);
		await died.promise;
		await store.close();
		store = sqlite(join(directory, "rows.db"));

		await expect(library().get("ann", id)).rejects.toMatchObject({ code: "not_found" });
		await expect(library().open({ viewer: "ann", assetId: id, width: 64 })).rejects.toMatchObject({
			code: "not_found",
		});
		expect(await library().sweepOrphans(hourMs)).toBe(1);
		expect(await storedKeys()).toEqual([]);
		expect(await library().sweepOrphans(hourMs)).toBe(0);
	});
});

test("an asset whose bytes are missing is store_unavailable, and whole again when they are back", async () => {
	const asset = await upload("ann", 500, 100);
	const job = library().forJob({ owner: "ann", onSaved: () => {} });
	await rename(join(directory, "bytes"), join(directory, "unmounted"));
	const gone = { code: "store_unavailable", retryAfterMs: expect.any(Number), cause: { code: "not_found" } };
	await expect(library().open({ viewer: "ann", assetId: asset.id })).rejects.toMatchObject(gone);
	await expect(library().open({ viewer: "ann", assetId: asset.id, width: 64 })).rejects.toMatchObject(gone);
	await expect(job.read(asset.id)).rejects.toMatchObject(gone);
	await rename(join(directory, "unmounted"), join(directory, "bytes"));
	expect((await job.read(asset.id)).bytes).toHaveLength(asset.size);
});

describe("a job", () => {
	test("stores pictures as its owner's, tells of each, and reads them back", async () => {
		const saved: string[] = [];
		const job = library().forJob({ owner: "ann", onSaved: (id) => saved.push(id) });
		const id = await job.save(await photo(40, 30));
		expect(saved).toEqual([id]);
		expect(await library().get("ann", id)).toMatchObject({ width: 40, height: 30 });
		const read = await job.read(id);
		expect(read).toMatchObject({ id, contentType: "image/jpeg" });
		expect(await sharp(read.bytes).metadata()).toMatchObject({ width: 40, height: 30 });
	});

	test("does not hear of a picture that could not be stored", async () => {
		const saved: string[] = [];
		const job = library().forJob({ owner: "ann", onSaved: (id) => saved.push(id) });
		await expect(job.save(Buffer.from("garbage"))).rejects.toMatchObject({ code: "unsupported_image" });
		expect(saved).toEqual([]);
	});

	test("may delete twice, for its failure handler may run twice", async () => {
		const job = library().forJob({ owner: "ann", onSaved: () => {} });
		const id = await job.save(await photo(40, 30));
		await job.delete(id);
		await job.delete(id);
		await expect(job.read(id)).rejects.toMatchObject({ code: "not_found" });
		expect(await storedKeys()).toEqual([]);
	});
});

describe("sweeping", () => {
	test("removes what no job has used for that long, and only that", async () => {
		const job = library().forJob({ owner: "ann", onSaved: () => {} });
		const unused = await upload("ann", 500, 100);
		await bytesOf(await library().open({ viewer: "ann", assetId: unused.id, width: 64 }));
		const unfinished = await job.save(await photo(40, 30));
		const used = await upload("ann", 500, 100);
		expect(await job.keep(used.id)).toBe(used.id);
		nowMs += hourMs + 1;
		const young = await upload("ann", 500, 100);

		expect(await library().sweepOrphans(hourMs)).toBe(2);

		expect(await storedKeys()).toEqual([used.id, young.id].sort());
		for (const id of [unused.id, unfinished]) {
			await expect(library().get("ann", id)).rejects.toMatchObject({ code: "not_found" });
		}
		expect(await library().sweepOrphans(hourMs)).toBe(0);
	});

	test("goes on until nothing is left", async () => {
		const job = library().forJob({ owner: "ann", onSaved: () => {} });
		const small = await photo(2, 2);
		await Promise.all(Array.from({ length: 120 }, () => job.save(small)));
		nowMs += 1;
		expect(await library().sweepOrphans(0)).toBe(120);
		expect(await storedKeys()).toEqual([]);
	});

	test("that cannot remove the bytes ends with the reason, and the next one removes them", async () => {
		await upload("ann", 20, 20);
		nowMs += 1;
		const broken = library({ assets: { ...assets, delete: () => Promise.reject(full) } });
		await expect(broken.sweepOrphans(0)).rejects.toBe(full);
		expect(await storedKeys()).toHaveLength(1);
		expect(await library().sweepOrphans(0)).toBe(1);
		expect(await storedKeys()).toEqual([]);
	});
});

function library(changes: Partial<AssetLibraryOptions> = {}) {
	const clock: Clock = { now: () => nowMs, after: () => () => {} };
	const options = { store, assets, images, clock, uploadLimitBytes: 1_000_000, logger: silentLogger };
	return createAssetLibrary({ ...options, ...changes });
}

async function upload(owner: string, width: number, height: number) {
	return library().upload({ owner, body: bodyOf(await photo(width, height)) });
}

function photo(width: number, height: number): Promise<Uint8Array> {
	return sharp({ create: { width, height, channels: 3, background: "teal" } })
		.jpeg()
		.toBuffer();
}

function bodyOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
	return new Blob([new Uint8Array(bytes)]).stream();
}

async function bytesOf(opened: { body: ReadableStream<Uint8Array> }): Promise<Uint8Array> {
	return new Response(opened.body).bytes();
}

/** Every key that has bytes, sorted. */
async function storedKeys(): Promise<string[]> {
	const entries = await readdir(join(directory, "bytes"), { recursive: true, withFileTypes: true }).catch(() => []);
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => entry.name)
		.sort();
}
