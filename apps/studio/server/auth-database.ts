import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { BetterAuthOptions } from "better-auth";
import { AuthDialect } from "./auth-dialect.ts";
import type { Config } from "./config.ts";
import { noticing } from "./database-trouble.ts";
import { migrateInTurn, openPool, studioSchema } from "./postgres.ts";

/** Where accounts and sessions are. */
export interface AuthDatabase {
	readonly connection: NonNullable<BetterAuthOptions["database"]>;
	/** Whether other processes serve the same people: what is counted for one of them must count for all. */
	readonly isShared: boolean;
	/** Runs what brings the tables up to date. */
	migrate(run: () => Promise<void>): Promise<void>;
	close(): Promise<void>;
}

/** A file in the data folder, or with `DATABASE_URL` a schema in that database. */
export function openAuthDatabase({ databaseUrl, dataFolder }: Config): AuthDatabase {
	if (databaseUrl === null) return openFile(dataFolder);
	const pool = openPool(databaseUrl);
	return {
		connection: {
			dialect: new AuthDialect({ pool: noticing(pool) }),
			type: "postgres",
			schemaName: studioSchema,
			transaction: true,
		},
		isShared: true,
		migrate: (run) => migrateInTurn(pool, run),
		close: () => pool.end(),
	};
}

function openFile(dataFolder: string): AuthDatabase {
	mkdirSync(dataFolder, { recursive: true });
	const database = new DatabaseSync(join(dataFolder, "studio.db"));
	database.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000;");
	return {
		connection: database,
		isShared: false,
		migrate: (run) => run(),
		close: async () => database.close(),
	};
}
