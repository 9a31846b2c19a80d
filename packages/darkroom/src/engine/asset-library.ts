import type { AssetStore } from "../assets/asset-store.ts";
import { type Images, type PreparedImage, uploadMinSidePixels } from "../assets/images.ts";
import { readUpload, refuseTooSmall } from "../assets/upload.ts";
import type { Asset, AssetSnapshot } from "../core/asset.ts";
import type { Clock } from "../core/clock.ts";
import { isDarkroomError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Lease, Store } from "../store/store.ts";
import { getOriginal, readAll } from "./asset-bytes.ts";
import type { JobAssets } from "./context.ts";
import type { OpenAssetRequest, OpenedAsset } from "./darkroom.ts";
import type { HeldJob } from "./job-run.ts";
import { createThumbnails, keysOf, thumbnailWidthFor } from "./thumbnails.ts";

/**
 * Assets: a row that says whose they are, and bytes under the row's id. Nothing reads bytes but through a row of
 * the viewer's.
 *
 *     save     row, then bytes     nobody learns the id before both are there, so nobody reads a row without bytes; what a
 *                                  crash between leaves is an orphan as any upload that no job uses, and is swept as one
 *     remove   mark, bytes, row    from the mark on it does not exist for anyone; the row goes last, so that a sweep finds what
 *                                  a crash, or an asset store that was away, left of the bytes
 */
export interface AssetLibrary {
	/** @throws `too_large`, `unsupported_image`, `unreadable_image`, `invalid_input`, `store_unavailable` */
	upload(upload: { readonly owner: string; readonly body: ReadableStream<Uint8Array> }): Promise<AssetSnapshot>;
	/** Of an upload's shortest side. */
	readonly uploadMinSidePixels: number;
	/** Content types of pictures that an upload can have. @throws `misconfigured` */
	uploadTypes(): Promise<readonly string[]>;
	/** @throws `not_found` */
	get(viewer: string, assetId: string): Promise<AssetSnapshot>;
	/**
	 * The `body` must be read to its end or cancelled.
	 * @throws `not_found`, `invalid_input` for an impossible width, `store_unavailable` also when the bytes are missing.
	 */
	open(request: OpenAssetRequest): Promise<OpenedAsset>;
	/** The row, the bytes, and all thumbnails. Bytes that cannot be deleted now go with the next sweep. @throws `not_found`, `store_unavailable` */
	remove(viewer: string, assetId: string): Promise<void>;
	/** Removes what no job has used, `olderThanMs` after it came. Returns how many. @throws `store_unavailable` */
	sweepOrphans(olderThanMs: number): Promise<number>;
	/** The owner's assets as a job sees them. `onSaved` hears of each that the job stores: an orphan until it is kept. */
	forJob(job: JobAssetsOptions): JobAssets;
}

/** Whose assets a job works with, and who is told of those it stores. */
export interface JobAssetsOptions {
	readonly owner: string;
	/** Set while it runs: then whose it is may change. */
	readonly job?: HeldJob;
	readonly onSaved: (assetId: string) => void;
}

/** What a library is composed of; only interfaces, so that no native library is loaded before a picture comes. */
export interface AssetLibraryOptions {
	readonly store: Pick<
		Store,
		"createAsset" | "readAsset" | "keepAsset" | "removeAsset" | "deleteAsset" | "takeOrphanAssets"
	>;
	readonly assets: AssetStore;
	readonly images: Images;
	readonly clock: Clock;
	/** Bytes. */
	readonly uploadLimitBytes: number;
	/** Default 1. */
	readonly uploadMinSidePixels?: number;
	readonly logger: Logger;
}

/** Orphans taken from the store at once. */
const orphansAtATime = 50;

/** One for a runtime: it is what lets requests for the same thumbnail share the work. */
export function createAssetLibrary(options: AssetLibraryOptions): AssetLibrary {
	const { store, clock } = options;
	const thumbnails = createThumbnails(options);
	const minSidePixels = options.uploadMinSidePixels ?? uploadMinSidePixels;

	return {
		uploadMinSidePixels: minSidePixels,
		async upload({ owner, body }) {
			const bytes = await readUpload(body, options.uploadLimitBytes);
			const picture = await options.images.prepare(bytes);
			refuseTooSmall(picture, minSidePixels);
			return toAssetSnapshot(await save(options, owner, picture));
		},
		uploadTypes: () => options.images.types(),
		async get(viewer, assetId) {
			return toAssetSnapshot(await store.readAsset(viewer, assetId));
		},
		async open({ viewer, assetId, width, range }) {
			const asset = await store.readAsset(viewer, assetId);
			const thumbnailWidth = thumbnailWidthFor(asset, width);
			if (thumbnailWidth !== undefined) {
				return openBytes(await thumbnails.read(asset, thumbnailWidth), "image/webp", range);
			}
			const { contentType, size } = asset;
			const part = range?.(size);
			const body = await getOriginal(options, asset, part);
			return part ? { body, contentType, size, range: part } : { body, contentType, size };
		},
		remove: (viewer, assetId) => remove(options, viewer, assetId),
		async sweepOrphans(olderThanMs) {
			for (let removed = 0; ; ) {
				const now = clock.now();
				const orphans = await store.takeOrphanAssets({
					createdBefore: now - olderThanMs,
					now,
					limit: orphansAtATime,
				});
				const results = await Promise.allSettled(orphans.map(({ id }) => finishRemoval(options, id)));
				const failures = results.filter((result) => result.status === "rejected");
				// Those that failed still have their rows; going on would only meet them again.
				if (failures[0]) throw failures[0].reason;
				removed += orphans.length;
				if (orphans.length < orphansAtATime) return removed;
			}
		},
		forJob: (job) => assetsForJob(options, job),
	};
}

function assetsForJob(options: AssetLibraryOptions, { owner, job, onSaved }: JobAssetsOptions): JobAssets {
	const { store, clock } = options;

	/** What is not the owner's may be the new owner's, whose job this is since a moment ago. */
	async function asOwner<Result>(work: (owner: string) => Promise<Result>): Promise<Result> {
		const asked = job?.lease.owner ?? owner;
		try {
			return await work(asked);
		} catch (error) {
			if (!job || !isDarkroomError(error, "not_found")) throw error;
			await job.lookAfterLease();
			if (job.lease.owner === asked) throw error;
			return work(job.lease.owner);
		}
	}

	return {
		async keep(assetId) {
			return (await asOwner((viewer) => store.keepAsset(viewer, assetId, clock.now()))).id;
		},
		async read(assetId) {
			const asset = await asOwner((viewer) => store.readAsset(viewer, assetId));
			const bytes = await readAll(await getOriginal(options, asset));
			return { id: asset.id, bytes, contentType: asset.contentType };
		},
		async save(bytes) {
			const { id } = await save(options, owner, await options.images.prepare(bytes), job?.lease);
			onSaved(id);
			return id;
		},
		async delete(assetId) {
			try {
				await asOwner((viewer) => remove(options, viewer, assetId));
			} catch (error) {
				// A failure handler may run again, and has then deleted it already.
				if (!isDarkroomError(error, "not_found")) throw error;
			}
		},
	};
}

async function save(
	options: AssetLibraryOptions,
	owner: string,
	picture: PreparedImage,
	lease?: Lease,
): Promise<Asset> {
	const { store, assets, clock } = options;
	const asset = await store.createAsset(toAsset(owner, picture, clock.now()), lease);
	try {
		await assets.put(asset.id, picture.bytes, picture.contentType);
	} catch (error) {
		await takeBack(options, asset);
		throw error;
	}
	return asset;
}

/** A put that failed may have stored the bytes all the same. */
async function takeBack(options: AssetLibraryOptions, { id, owner }: Asset): Promise<void> {
	try {
		await remove(options, owner, id);
	} catch (error) {
		options.logger.warn(
			{ assetId: id, err: error as Error },
			"what was begun of an asset could not be removed and is swept later",
		);
	}
}

async function remove(options: AssetLibraryOptions, viewer: string, assetId: string): Promise<void> {
	const { store, clock, logger } = options;
	await store.removeAsset(viewer, assetId, clock.now());
	try {
		await finishRemoval(options, assetId);
	} catch (error) {
		// To its owner it is gone already, and the row leads the next sweep to what is left.
		logger.warn({ assetId, err: error as Error }, "bytes of a removed asset could not be deleted and are swept later");
	}
}

/** Of an asset that nobody can read any more. May be done twice at once: there is nothing that the second could harm. */
async function finishRemoval({ store, assets }: AssetLibraryOptions, assetId: string): Promise<void> {
	const deletions = await Promise.allSettled(keysOf(assetId).map((key) => assets.delete(key)));
	const failed = deletions.find((deletion) => deletion.status === "rejected");
	if (failed) throw failed.reason;
	await store.deleteAsset(assetId);
}

function toAssetSnapshot(asset: Asset): AssetSnapshot {
	const { id, contentType, size, width, height, blur, createdAt } = asset;
	return { id, contentType, size, width, height, blur, createdAt: new Date(createdAt).toISOString() };
}

function toAsset(owner: string, picture: PreparedImage, now: number): Asset {
	const { bytes, contentType, width, height, blur } = picture;
	const size = bytes.byteLength;
	return { id: newId(now), owner, contentType, size, width, height, blur, createdAt: now, keptAt: null };
}

function openBytes(bytes: Uint8Array, contentType: string, range: OpenAssetRequest["range"]): OpenedAsset {
	const size = bytes.byteLength;
	const part = range?.(size);
	const shown = part ? bytes.subarray(part.start, part.end + 1) : bytes;
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			controller.enqueue(shown);
			controller.close();
		},
	});
	return part ? { body, contentType, size, range: part } : { body, contentType, size };
}
