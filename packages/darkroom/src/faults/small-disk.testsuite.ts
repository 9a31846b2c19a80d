import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmdirSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FaultRun } from "./fault-run.testsuite.ts";

/** A folder whose disk can be filled and freed while a run's processes work on it. */
export interface SmallDisk {
	readonly folder: string;
	/** No room is left; to be called again for a process that has begun since. */
	fill(run: FaultRun): void;
	free(run: FaultRun): void;
	remove(): void;
}

/** Bytes that are written at a time to fill it: a page, the least that a file takes. */
const page = Buffer.alloc(4_096, "x");
const megabytes = 24;

/** A file system of its own, in memory. Mounting takes root, and a machine or container that lets it. */
class MountedDisk implements SmallDisk {
	readonly folder = mkdtempSync(join(tmpdir(), "darkroom-disk-"));
	readonly #filler = join(this.folder, "filler");

	/** @throws where this process may not mount */
	constructor() {
		const args = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.folder];
		const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
		if (status === 0) return;
		rmdirSync(this.folder);
		throw new Error(`A small disk cannot be mounted: ${stderr}`);
	}

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

	free(): void {
		rmSync(this.#filler, { force: true });
	}

	remove(): void {
		// Lazily: whoever was killed a moment ago may not have let go of it.
		spawnSync("umount", ["--lazy", this.folder]);
		rmdirSync(this.folder);
	}
}

/**
 * A limit on the size of files, set from outside on each process of the run (RLIMIT_FSIZE), which takes no rights: what a
 * file would have beyond it is refused (EFBIG; https://man7.org/linux/man-pages/man2/setrlimit.2.html). It holds for
 * whatever a process writes, so rows on SQLite have no room where assets have none.
 */
class LimitedFiles implements SmallDisk {
	readonly folder = mkdtempSync(join(tmpdir(), "darkroom-disk-"));

	/** Room for what the steps leave outside of the database, and for hardly a page of its log besides. */
	fill({ pids, effectsPath }: FaultRun): void {
		const effects = existsSync(effectsPath) ? statSync(effectsPath).size : 0;
		for (const pid of pids) limitFiles(pid, String(effects + 8 * page.length));
	}

	free({ pids }: FaultRun): void {
		for (const pid of pids) limitFiles(pid, "unlimited");
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** The soft limit: the hard one nobody but root could raise again. False where it cannot be set, as for who is gone. */
function limitFiles(pid: number, bytes: string): boolean {
	return spawnSync("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:`]).status === 0;
}

const ways: readonly { readonly name: string; readonly isThere: () => boolean; readonly make: () => SmallDisk }[] = [
	{ name: "a file system of its own", isThere: mounts, make: () => new MountedDisk() },
	{
		name: "a limit on the size of files, since nothing can be mounted",
		isThere: () => limitFiles(process.pid, "unlimited"),
		make: () => new LimitedFiles(),
	},
];

function mounts(): boolean {
	if (process.getuid?.() !== 0) return false;
	try {
		new MountedDisk().remove();
		return true;
	} catch {
		return false;
	}
}

const way = process.platform === "linux" ? ways.find(({ isThere }) => isThere()) : undefined;
console.log(`Full disks: ${way?.name ?? "left out, since neither mount nor prlimit can be used"}.`);

export const hasSmallDisks = way !== undefined;

export function createSmallDisk(): SmallDisk {
	if (!way) throw new Error("There is no way to fill a disk here.");
	return way.make();
}
