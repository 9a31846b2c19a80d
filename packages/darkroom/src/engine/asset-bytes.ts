import type { AssetStore, ByteRange } from "../assets/asset-store.ts";
import type { Asset } from "../core/asset.ts";
import { DarkroomError, isDarkroomError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Store } from "../store/store.ts";

/** Where rows and bytes are. */
export interface AssetBytesOptions {
	readonly store: Pick<Store, "readAsset">;
	readonly assets: AssetStore;
	readonly logger: Logger;
}

/** How long until a disk that has gone is likely back, for `Retry-After`. */
const retryAfterMs = 30_000;

/**
 * The bytes of a row that was just read. A row without bytes is either removed at this moment, or its asset store is
 * not the one it was written to: a disk that is not mounted, a folder that was not restored.
 * @throws `not_found` when it was removed meanwhile, `store_unavailable` when its bytes are missing.
 */
export async function getOriginal(
	{ store, assets, logger }: AssetBytesOptions,
	asset: Asset,
	range?: ByteRange,
): Promise<ReadableStream<Uint8Array>> {
	try {
		return await assets.get(asset.id, range);
	} catch (cause) {
		if (!isDarkroomError(cause, "not_found")) throw cause;
		await store.readAsset(asset.owner, asset.id);
		logger.error({ assetId: asset.id, assetStore: assets.name }, "the bytes of an asset are missing");
		throw new DarkroomError("store_unavailable", {
			detail: `The bytes of asset ${asset.id} are missing from ${assets.name}. Check that its storage is the right one.`,
			retryAfterMs,
			cause,
		});
	}
}

/** A stream's bytes, all of them. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
	return new Response(stream).bytes();
}
