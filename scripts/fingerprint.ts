import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What a build is made from and where it leaves its result. Paths are absolute. */
export interface BuildTarget {
	readonly name: string;
	/** Files and folders. */
	readonly inputs: readonly string[];
	/** Says of a file or folder under `inputs`, by its name, that it has no part in the result. */
	readonly ignores: (name: string) => boolean;
	/** Must exist for the build to count. */
	readonly product: string;
	/** Inside the build's own output folder, so that whatever removes the one removes the other. */
	readonly stamp: string;
}

/**
 * A hash of all inputs' names and contents. Contents and not times: a fresh clone, a checkout of an older
 * commit, a copied folder and a deleted file all change times in ways that say nothing.
 */
export function fingerprint(target: BuildTarget): string {
	const hash = createHash("sha256");
	for (const input of target.inputs) {
		for (const file of listFiles(input, target.ignores)) {
			hash.update(`${relative(input, file)}\0`);
			hash.update(readFileSync(file));
			hash.update("\0");
		}
	}
	return hash.digest("hex");
}

/** Whether the result on disk was made from exactly these inputs. */
export function isFresh(target: BuildTarget): boolean {
	if (!existsSync(target.product) || !existsSync(target.stamp)) return false;
	return readFileSync(target.stamp, "utf8") === fingerprint(target);
}

/** `print` is the fingerprint from before the build began: an edit made meanwhile must make it stale. */
export function markFresh(target: BuildTarget, print: string): void {
	writeFileSync(target.stamp, print);
}

/** All files at or under a path, in an order that is the same everywhere. */
export function listFiles(path: string, ignores: (name: string) => boolean): string[] {
	if (!existsSync(path)) return [];
	if (!statSync(path).isDirectory()) return [path];
	const files: string[] = [];
	for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
		if (ignores(entry.name)) continue;
		const child = join(path, entry.name);
		if (entry.isDirectory()) files.push(...listFiles(child, ignores));
		else if (entry.isFile()) files.push(child);
	}
	return files;
}
