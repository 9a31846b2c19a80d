import { existsSync } from "node:fs";
import { join } from "node:path";
import nextEnv from "@next/env";
import { isDarkroomError } from "darkroom";
import { copyDatabase } from "darkroom/copy";
import { closeAuth, getAuth } from "./server/auth.ts";
import { ConfigError, getConfig } from "./server/config.ts";
import { copyAccounts } from "./server/copy-accounts.ts";
import { checkDatabase, openPool } from "./server/postgres.ts";

/**
 * `npm run copy`: copies what the Studio keeps in its data folder into the Postgres of DATABASE_URL, so that the next start
 * finds everything there and everybody can still sign in. Again after it was interrupted: it goes on. Pictures and the
 * kept secret stay in the data folder.
 */
nextEnv.loadEnvConfig(import.meta.dirname, false);

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function copy(): Promise<void> {
	const { dataFolder, databaseUrl } = getConfig();
	if (databaseUrl === null) throw new ConfigError("DATABASE_URL is not set: it names the Postgres to copy into.");
	await checkDatabase(databaseUrl);
	const file = join(dataFolder, "studio.db");
	if (existsSync(file)) say(`accounts: ${said(await copySignIn(file, databaseUrl))}`);
	const report = await copyDatabase({ from: join(dataFolder, "darkroom.db"), to: databaseUrl });
	say(`jobs:     ${said(report.rows)}`);
	say(`credits:  ${report.posted} posted, ${report.held} of them held, the same for each of ${report.owners} owners`);
	if (report.requeued > 0) say(`running jobs that wait for a worker now: ${report.requeued}`);
}

/** Users first: a copy of jobs that is over cannot be begun again, so nothing may be missing then. */
async function copySignIn(file: string, databaseUrl: string) {
	await getAuth();
	await closeAuth();
	const pool = openPool(databaseUrl);
	try {
		return await copyAccounts(file, pool);
	} finally {
		await pool.end();
	}
}

function said(counts: Readonly<Record<string, number>>): string {
	return Object.entries(counts)
		.map(([table, count]) => `${count} ${table}`)
		.join(", ");
}

try {
	await copy();
} catch (error) {
	const isOurs = error instanceof ConfigError || isDarkroomError(error);
	process.stderr.write(`Nothing is lost, but not all is copied. ${isOurs ? error.message : (error as Error).stack}\n`);
	process.exitCode = 1;
}
