import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { migrateInTurn, openPool, studioSchema } from "./postgres.ts";

/** The name of a folder of pictures, in a file of its own, which goes where the folder goes. */
const fileName = "folder-id";
const table = `${studioSchema}.asset_folder`;

interface AssetFolder {
	readonly folder: string;
	readonly databaseUrl: string;
	readonly logger: Logger;
}

/**
 * Says so where this process has its pictures elsewhere than those that share its database: it would claim jobs whose
 * photos it cannot find, and fail them. The first process that starts on a database writes down the name of its folder; each
 * compares. One that cannot compare says that, and goes on: its jobs may be well all the same.
 */
export async function compareAssetFolder({ folder, databaseUrl, logger }: AssetFolder): Promise<void> {
	try {
		const own = nameOf(folder);
		if ((await readShared(databaseUrl, own)) === own) return;
		logger.warn(
			{ assets: folder },
			"the pictures of this process are in another folder than those of the others on this database: jobs that began there fail here. " +
				"Stop it, and give it their assets folder (docs/operations/postgres.md, Pictures)",
		);
	} catch (error) {
		logger.warn({ assets: folder, error: error as Error }, "could not compare the folder of pictures with the others'");
	}
}

/** Made by whoever comes first; two that come at once agree on one. */
function nameOf(folder: string): string {
	const file = join(folder, fileName);
	mkdirSync(folder, { recursive: true });
	try {
		writeFileSync(file, randomUUID(), { flag: "wx" });
	} catch (error) {
		if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
	}
	return readFileSync(file, "utf8");
}

/** What is written down, which is `own` where nothing was. */
async function readShared(databaseUrl: string, own: string): Promise<string> {
	const pool = openPool(databaseUrl);
	try {
		await migrateInTurn(pool, async () => {
			// Asked first: a role that may make nothing must not be refused where nothing is to be made.
			const { rows } = await pool.query("SELECT to_regclass($1) IS NULL AS is_missing", [table]);
			if (!rows[0]?.is_missing) return;
			await pool.query(
				`CREATE TABLE ${table} (is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only), name text NOT NULL)`,
			);
		});
		await pool.query(`INSERT INTO ${table} (name) VALUES ($1) ON CONFLICT DO NOTHING`, [own]);
		const { rows } = await pool.query(`SELECT name FROM ${table}`);
		return rows[0]?.name;
	} finally {
		await pool.end();
	}
}
