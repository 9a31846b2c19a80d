import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes that are written at a time to fill it: a page, the least that a file takes. */
const page = Buffer.alloc(4_096, "x");

/** A disk that is small enough to be filled: a file system of its own, in memory. */
export class SmallDisk {
	readonly folder = mkdtempSync(join(tmpdir(), "darkroom-disk-"));
	readonly #filler = join(this.folder, "filler");

	/** @throws where this process may not mount */
	constructor(megabytes: number) {
		const args = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.folder];
		const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
		if (status === 0) return;
		rmdirSync(this.folder);
		throw new Error(`A small disk cannot be mounted: ${stderr}`);
	}

	/** Takes all the room there is left. */
	fill(): void {
		const file = openSync(this.#filler, "a");
		try {
			for (;;) writeSync(file, page);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
		} finally {
			closeSync(file);
		}
	}

	/** Gives it back. */
	free(): void {
		rmSync(this.#filler, { force: true });
	}

	remove(): void {
		// Lazily: whoever was killed a moment ago may not have let go of it.
		spawnSync("umount", ["--lazy", this.folder]);
		rmdirSync(this.folder);
	}
}

/** Mounting takes root, and a machine or container that lets it. */
export const canMount = process.platform === "linux" && process.getuid?.() === 0 && mounts();

function mounts(): boolean {
	try {
		new SmallDisk(1).remove();
		return true;
	} catch {
		return false;
	}
}
