import { type Images, thumbnailWidths } from "../assets/images.ts";
import type { Asset } from "../core/asset.ts";
import { DarkroomError, isDarkroomError } from "../core/errors.ts";
import { type AssetBytesOptions, getOriginal, readAll } from "./asset-bytes.ts";

/**
 * Small copies of pictures: bytes under `<id>.w<width>.webp`, without rows of their own. They are made when first
 * asked for, can be made again at any time, and go with their asset. Whoever asks has checked the viewer.
 */
export interface Thumbnails {
	/** The bytes, as WebP. Who asks for the same one while it is being made waits for it. */
	read(asset: Asset, width: number): Promise<Uint8Array>;
}

/** Where the pictures and their rows are, and what makes them smaller. */
export interface ThumbnailsOptions extends AssetBytesOptions {
	readonly images: Images;
}

/** Sharing holds within one instance; two processes may make the same thumbnail, and either copy is good. */
export function createThumbnails(options: ThumbnailsOptions): Thumbnails {
	const { store, assets, images, logger } = options;
	const making = new Map<string, Promise<Uint8Array>>();

	async function findOrMake(asset: Asset, width: number, key: string): Promise<Uint8Array> {
		try {
			return await readAll(await assets.get(key));
		} catch (error) {
			if (!isDarkroomError(error, "not_found")) throw error;
		}
		const { bytes, contentType } = await images.resize(await readAll(await getOriginal(options, asset)), width);
		try {
			await assets.put(key, bytes, contentType);
			await dropIfRemoved(asset, key);
		} catch (failure) {
			// It can be made again; a full disk is no reason not to show what is there.
			logger.warn({ assetId: asset.id, width, err: failure as Error }, "a thumbnail could not be kept");
		}
		return bytes;
	}

	/** The asset may have been removed while its thumbnail was made; a removal after this check finds the thumbnail. */
	async function dropIfRemoved(asset: Asset, key: string): Promise<void> {
		try {
			await store.readAsset(asset.owner, asset.id);
		} catch (error) {
			if (!isDarkroomError(error, "not_found")) throw error;
			await assets.delete(key);
		}
	}

	return {
		read(asset, width) {
			const key = thumbnailKey(asset.id, width);
			const begun = making.get(key);
			if (begun) return begun;
			const made = findOrMake(asset, width, key).finally(() => making.delete(key));
			making.set(key, made);
			return made;
		},
	};
}

/** Every key that an asset's bytes may be under: its own and its thumbnails'. */
export function keysOf(assetId: string): string[] {
	return [assetId, ...thumbnailWidths.map((width) => thumbnailKey(assetId, width))];
}

function thumbnailKey(assetId: string, width: number): string {
	return `${assetId}.w${width}.webp`;
}

/**
 * The thumbnail that answers a request for `width` pixels, or undefined for the picture itself. Beyond the picture's
 * own width nothing is gained, so all such requests share one thumbnail.
 * @throws `invalid_input` when `width` is not a whole number of at least 1.
 */
export function thumbnailWidthFor(asset: Asset, width: number | undefined): number | undefined {
	if (width === undefined || asset.width === null) return undefined;
	if (!Number.isInteger(width) || width < 1) {
		throw new DarkroomError("invalid_input", {
			detail: `The width ${width} is not a whole number of pixels from 1 up.`,
			data: { issues: [{ path: "width", message: "Must be a whole number of at least 1." }] },
		});
	}
	const useful = Math.min(width, asset.width);
	return thumbnailWidths.find((candidate) => candidate >= useful);
}
