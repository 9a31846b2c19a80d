import type { Asset } from "../../core/asset.ts";
import { leaseLost, noAsset } from "../refusals.ts";
import { type AssetRow, toAsset } from "../rows.ts";
import type { Lease } from "../store.ts";
import type { Query } from "./database.ts";
import { createReads } from "./reads.ts";

const insert = "INSERT INTO darkroom.assets (id, content_type, size, width, height, blur, created_at, kept_at, owner)";
/** A transfer of the job waits for this lock, or this waits for the transfer: the asset moves along, or finds the job moved. */
const insertForJob = `${insert}
  SELECT $1::text, $2::text, $3::bigint, $4::integer, $5::integer, $6::text, $7::bigint, $8::bigint, owner
  FROM darkroom.jobs WHERE id = $9 AND owner = $10 AND lease_token = $11 FOR KEY SHARE RETURNING owner`;

/** Rows of assets: whose bytes are whose. Each is one statement. */
export function createAssetRows(query: Query) {
	async function one(assetId: string, sql: string, values: readonly unknown[]): Promise<Asset> {
		const [row] = await query<AssetRow>(sql, values);
		if (!row) throw noAsset(assetId);
		return toAsset(row);
	}

	return {
		async create(asset: Asset, lease?: Lease): Promise<Asset> {
			if (!lease) {
				await query(`${insert} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, [...valuesOf(asset), asset.owner]);
				return asset;
			}
			for (let owner: string | undefined = lease.owner; owner !== undefined; ) {
				const held = [lease.jobId, owner, lease.leaseToken];
				const [made] = await query<{ owner: string }>(insertForJob, [...valuesOf(asset), ...held]);
				if (made) return { ...asset, owner: made.owner };
				// Another owner's by now, or lost.
				owner = (await createReads(query).owners([lease])).get(lease.leaseToken);
			}
			throw leaseLost(lease.jobId);
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

function valuesOf({ id, contentType, size, width, height, blur, createdAt, keptAt }: Asset): unknown[] {
	return [id, contentType, size, width, height, blur, createdAt, keptAt];
}
