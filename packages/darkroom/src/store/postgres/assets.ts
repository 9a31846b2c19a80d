import type { Asset } from "../../core/asset.ts";
import { noAsset } from "../refusals.ts";
import { type AssetRow, toAsset } from "../rows.ts";
import type { Query } from "./database.ts";

/** Rows of assets: whose bytes are whose. Each is one statement. */
export function createAssetRows(query: Query) {
	async function one(assetId: string, sql: string, values: readonly unknown[]): Promise<Asset> {
		const [row] = await query<AssetRow>(sql, values);
		if (!row) throw noAsset(assetId);
		return toAsset(row);
	}

	return {
		async create(asset: Asset): Promise<void> {
			const { id, owner, contentType, size, width, height, blur, createdAt, keptAt } = asset;
			await query(
				`INSERT INTO darkroom.assets (id, owner, content_type, size, width, height, blur, created_at, kept_at)
				 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
				[id, owner, contentType, size, width, height, blur, createdAt, keptAt],
			);
		},
		read: (viewer: string, assetId: string): Promise<Asset> =>
			one(assetId, "SELECT * FROM darkroom.assets WHERE id = $1 AND owner = $2 AND removed_at IS NULL", [
				assetId,
				viewer,
			]),
		keep: (viewer: string, assetId: string, now: number): Promise<Asset> =>
			one(
				assetId,
				`UPDATE darkroom.assets SET kept_at = coalesce(kept_at, $3)
				 WHERE id = $1 AND owner = $2 AND removed_at IS NULL RETURNING *`,
				[assetId, viewer, now],
			),
		// A walk over one owner's jobs, for the rare deletion; an index on what is inside inputs would cost every submit.
		async isInUse(viewer: string, assetId: string): Promise<boolean> {
			const sql = "SELECT FROM darkroom.jobs WHERE owner = $1 AND strpos(input, $2) > 0 LIMIT 1";
			return (await query(sql, [viewer, assetId])).length > 0;
		},
		async remove(viewer: string, assetId: string, now: number): Promise<void> {
			const sql = `UPDATE darkroom.assets SET removed_at = $3
			  WHERE id = $1 AND owner = $2 AND removed_at IS NULL RETURNING *`;
			await one(assetId, sql, [assetId, viewer, now]);
		},
		async delete(assetId: string): Promise<void> {
			await query("DELETE FROM darkroom.assets WHERE id = $1 AND removed_at IS NOT NULL", [assetId]);
		},
		/** Rows that another process takes this moment are its own. */
		async takeOrphans(orphans: { createdBefore: number; now: number; limit: number }): Promise<Asset[]> {
			const { createdBefore, now, limit } = orphans;
			await query(
				`UPDATE darkroom.assets SET removed_at = $3 WHERE id IN (SELECT id FROM darkroom.assets WHERE kept_at IS NULL
				   AND removed_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
				[createdBefore, limit, now],
			);
			const sql = `SELECT * FROM darkroom.assets WHERE removed_at IS NOT NULL
			  ORDER BY removed_at, created_at LIMIT $1`;
			return (await query<AssetRow>(sql, [limit])).map(toAsset);
		},
	};
}
