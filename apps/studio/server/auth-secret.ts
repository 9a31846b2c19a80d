import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The secret that signs sessions when none is configured: made once and kept in the data folder, so that a
 * restart signs nobody out. Several processes may start at once; the first link wins and all read the same.
 */
export function keptSecret(dataFolder: string): string {
	const path = join(dataFolder, "auth-secret");
	const kept = read(path);
	if (kept) return kept;
	mkdirSync(dataFolder, { recursive: true });
	// Written aside and linked into place: nobody can ever read half a secret.
	const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
	writeFileSync(draft, randomBytes(32).toString("base64url"), { mode: 0o600 });
	try {
		linkSync(draft, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	} finally {
		unlinkSync(draft);
	}
	return readFileSync(path, "utf8");
}

function read(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}
