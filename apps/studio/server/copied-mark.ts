import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError } from "./config.ts";

const markName = "copied-to-postgres.json";

/** Where everything of a data folder was copied to, and when. Never who may connect there: no user and no password. */
const schema = z.object({
	completedAt: z.iso.datetime(),
	host: z.string(),
	port: z.number(),
	database: z.string(),
});
export type CopiedMark = z.infer<typeof schema>;

/** Leaves the mark: whole or not at all, and on the disk when this returns. */
export function markCopied(dataFolder: string, databaseUrl: string, completedAt: Date): void {
	const mark: CopiedMark = { completedAt: completedAt.toISOString(), ...placeOf(databaseUrl) };
	const path = join(dataFolder, markName);
	writeFileSync(`${path}.draft`, `${JSON.stringify(mark, null, "\t")}\n`, { mode: 0o600, flush: true });
	renameSync(`${path}.draft`, path);
}

/** Null where the data folder was never copied. @throws ConfigError for a mark that cannot be read */
export function readMark(dataFolder: string): CopiedMark | null {
	const path = join(dataFolder, markName);
	try {
		return schema.parse(JSON.parse(readFileSync(path, "utf8")));
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
		throw new ConfigError(`${path} says that this data was copied to Postgres, but not where to. ${waysOut(path)}`, {
			cause,
		});
	}
}

/** Whether it is of the database that `databaseUrl` names. */
export function isOf({ host, port, database }: CopiedMark, databaseUrl: string): boolean {
	const place = placeOf(databaseUrl);
	return place.host === host && place.port === port && place.database === database;
}

/**
 * For a start on the data folder, and for a copy into another database: after a copy the folder is what was, and whoever went on
 * with it unawares would have two truths. `but`: how it comes to this.
 * @throws ConfigError with the two ways out
 */
export function refuseCopied(dataFolder: string, but = "DATABASE_URL is not set"): void {
	const mark = readMark(dataFolder);
	if (mark === null) return;
	throw new ConfigError(
		`${but}, and what is in ${dataFolder} was copied to ${inWords(mark)}. ${waysOut(join(dataFolder, markName))}`,
	);
}

/** Such as `the database studio at db.internal:5432 (2026-11-20T16:40:00.000Z)`. */
export function inWords({ host, port, database, completedAt }: CopiedMark): string {
	return `the database ${database} at ${host}:${port} (${completedAt})`;
}

function waysOut(path: string): string {
	return `Set DATABASE_URL to that one to go on there; or delete ${path} to go on with the old data, without what has happened there since.`;
}

/** A server on a socket has no host in its address, but a folder in its parameters, or else the system's own. */
function placeOf(databaseUrl: string): Pick<CopiedMark, "host" | "port" | "database"> {
	const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
	const host = hostname || searchParams.get("host") || "localhost";
	return {
		host: decodeURIComponent(host),
		port: Number(port || searchParams.get("port") || 5432),
		database: decodeURIComponent(pathname.slice(1)),
	};
}
