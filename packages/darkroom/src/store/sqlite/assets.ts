import type { DatabaseSync } from "node:sqlite";
import type { Asset } from "../../core/asset.ts";
import { noAsset } from "../refusals.ts";
import { type AssetRow, toAsset } from "../rows.ts";
import type { Lease } from "../store.ts";
import type { Leases } from "./leases.ts";
import { jobsOf } from "./listing.ts";

/** Rows of assets: whose bytes are whose. */
export function createAssetRows(db: DatabaseSync, leases: Leases) {
	const insert = db.prepare(
		`INSERT INTO assets (id, owner, content_type, size, width, height, blur, created_at, kept_at)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	const find = db.prepare("SELECT * FROM assets WHERE id = ? AND owner = ? AND removed_at IS NULL");
	const keep = db.prepare(
		"UPDATE assets SET kept_at = COALESCE(kept_at, ?) WHERE id = ? AND owner = ? AND removed_at IS NULL RETURNING *",
	);
	// A walk over one owner's jobs, for the rare deletion; an index on what is inside inputs would cost every submit.
	const named = db.prepare(
		`SELECT 1 FROM ${jobsOf("?1")} AS mine CROSS JOIN jobs USING (id) WHERE instr(input, ?2) > 0 LIMIT 1`,
	);
	const remove = db.prepare("UPDATE assets SET removed_at = ? WHERE id = ? AND owner = ? AND removed_at IS NULL");
	const deleteRow = db.prepare("DELETE FROM assets WHERE id = ? AND removed_at IS NOT NULL");
	const removeOrphans = db.prepare(
		`UPDATE assets SET removed_at = ? WHERE id IN (SELECT id FROM assets INDEXED BY assets_orphans
		   WHERE kept_at IS NULL AND removed_at IS NULL AND created_at < ? ORDER BY created_at LIMIT ?)`,
	);
	const removed = db.prepare(
		`SELECT * FROM assets INDEXED BY assets_removed WHERE removed_at IS NOT NULL ORDER BY removed_at, created_at LIMIT ?`,
	);

	return {
		create({ asset, lease }: { asset: Asset; lease?: Lease | undefined }): Asset {
			const owner = lease ? leases.require(lease.jobId, lease.leaseToken).owner : asset.owner;
			const { id, contentType, size, width, height, blur, createdAt, keptAt } = asset;
			insert.run(id, owner, contentType, size, width, height, blur, createdAt, keptAt);
			return { ...asset, owner };
		},
		read(viewer: string, assetId: string): Asset {
			const row = find.get(assetId, viewer) as AssetRow | undefined;
			if (!row) throw noAsset(assetId);
			return toAsset(row);
		},
		keep({ viewer, assetId, now }: { viewer: string; assetId: string; now: number }): Asset {
			const row = keep.get(now, assetId, viewer) as AssetRow | undefined;
			if (!row) throw noAsset(assetId);
			return toAsset(row);
		},
		isInUse: (viewer: string, assetId: string): boolean => named.get(viewer, assetId) !== undefined,
		remove({ viewer, assetId, now }: { viewer: string; assetId: string; now: number }): void {
			if (remove.run(now, assetId, viewer).changes === 0) throw noAsset(assetId);
		},
		delete(assetId: string): void {
			deleteRow.run(assetId);
		},
		takeOrphans({ createdBefore, now, limit }: { createdBefore: number; now: number; limit: number }): Asset[] {
			removeOrphans.run(now, createdBefore, limit);
			return (removed.all(limit) as unknown as AssetRow[]).map(toAsset);
		},
	};
}
