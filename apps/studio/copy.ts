import { existsSync } from "node:fs";
import { join } from "node:path";
import nextEnv from "@next/env";
import { isDarkroomError } from "darkroom";
import { type CopyReport, copyDatabase } from "darkroom/copy";
import { migrateAuth } from "./server/auth.ts";
import { ConfigError, getConfig } from "./server/config.ts";
import { inWords, isOf, markCopied, readMark, refuseCopied } from "./server/copied-mark.ts";
import { copyAccounts } from "./server/copy-accounts.ts";
import { removeNote } from "./server/copy-note.ts";
import { checkDatabase, openPool } from "./server/postgres.ts";

/**
 * `npm run copy`: copies what the Studio keeps in its data folder into the Postgres of DATABASE_URL, so that the next start
 * finds everything there and everybody can still sign in. Again after it was interrupted: it goes on. Pictures and the
 * kept secret stay in the data folder, with a mark that says where the rest has gone.
 *
 *     accounts, with the note in Postgres ─ jobs, credits, … ─ mark in the data folder ─ note removed
 *
 * Killed at any point, the next one ends it: before the mark is there the Studio starts on the data folder alone, and
 * after the note is gone on Postgres alone.
 */
nextEnv.loadEnvConfig(import.meta.dirname, false);

/**
 * What the rows of a table are to whoever runs the Studio, one and many. Sign-in's tables and the library's both have one
 * for accounts: there it is a way to sign in, here what an owner has of credits.
 */
const rowWords: Readonly<Record<string, readonly [string, string]>> = {
	user: ["person", "people"],
	account: ["password", "passwords"],
	session: ["session", "sessions"],
	verification: ["verification", "verifications"],
	accounts: ["balance", "balances"],
	assets: ["picture", "pictures"],
	entries: ["movement of credits", "movements of credits"],
	steps: ["step", "steps"],
	jobs: ["job", "jobs"],
};

/** Rows between two lines that say how far it is. */
const sayEvery = 50_000;

const say = (line: string) => void process.stdout.write(`${line}\n`);

let saidLast = 0;

function sayProgress({ table, copied }: { readonly table: string; readonly copied: number }): void {
	const step = Math.floor(copied / sayEvery);
	if (step > 0 && step !== saidLast) say(`${rowsInWords(table, copied)} …`);
	saidLast = step;
}

async function copy(): Promise<void> {
	const { dataFolder, databaseUrl } = getConfig();
	if (databaseUrl === null) throw new ConfigError("DATABASE_URL is not set: it names the Postgres to copy into.");
	await checkDatabase(databaseUrl);
	const mark = readMark(dataFolder);
	if (mark !== null && isOf(mark, databaseUrl)) {
		await removeNote(databaseUrl);
		return say(`The copy to ${inWords(mark)} is complete already. Start the Studio with DATABASE_URL.`);
	}
	refuseCopied(dataFolder, "DATABASE_URL names another database");
	const file = join(dataFolder, "studio.db");
	if (existsSync(file)) say(`sign-in:  ${said(await copySignIn(file, databaseUrl))}`);
	const report = await copyJobs(join(dataFolder, "darkroom.db"), databaseUrl);
	markCopied(dataFolder, databaseUrl, new Date());
	await removeNote(databaseUrl);
	if (report !== null) sayReport(report);
	say("The copy is complete. Start the Studio with DATABASE_URL; without it, it refuses to start on the old data.");
}

/** Users first: a copy of jobs that is over cannot be begun again, so nothing may be missing then. */
async function copySignIn(file: string, databaseUrl: string) {
	await migrateAuth();
	const pool = openPool(databaseUrl);
	try {
		return await copyAccounts(file, pool, sayProgress);
	} finally {
		await pool.end();
	}
}

/** Null where an earlier copy was killed after their last commit. */
async function copyJobs(from: string, to: string): Promise<CopyReport | null> {
	try {
		return await copyDatabase({ from, to, onProgress: sayProgress });
	} catch (error) {
		if (isDarkroomError(error) && error.data.isComplete === true) return null;
		throw error;
	}
}

function sayReport({ rows, posted, held, owners, requeued }: CopyReport): void {
	say(`jobs:     ${said(rows)}`);
	say(`credits:  ${posted} posted, ${held} of them held, the same for each of ${owners} owners`);
	if (requeued > 0) say(`running jobs that wait for a worker now: ${requeued}`);
}

function said(counts: Readonly<Record<string, number>>): string {
	return Object.entries(counts)
		.map(([table, count]) => rowsInWords(table, count))
		.join(", ");
}

function rowsInWords(table: string, count: number): string {
	const [one, many] = rowWords[table] ?? [table, table];
	return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

try {
	await copy();
} catch (error) {
	const isOurs = error instanceof ConfigError || isDarkroomError(error);
	process.stderr.write(
		`The copy is not complete, and nothing is lost. ${isOurs ? error.message : (error as Error).stack}\n`,
	);
	process.exitCode = 1;
}
