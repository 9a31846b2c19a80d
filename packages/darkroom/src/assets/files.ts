import { createHash, randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DarkroomError } from "../core/errors.ts";
import type { AssetStore, ByteRange } from "./asset-store.ts";

/**
 * Bytes as files in a folder of this machine.
 *
 *     directory/3f/<key>            one of 256 subfolders, by the key's hash: no folder grows too large to list
 *     directory/incoming/<uuid>     being written
 *
 * `put` writes to `incoming`, flushes, renames, and flushes the folder, in this order: under its key a file is
 * either whole or not there, and when `put` resolves it survives a power failure. What a crash leaves in
 * `incoming` is removed when a later process first writes.
 *
 * @param directory made when it is not there. Relative to the working directory.
 * @throws `not_found` for a key without a file, `invalid_input` for a key that is no plain file name,
 * `store_unavailable` when the disk is full, read-only or not permitted.
 */
export function files(directory: string): AssetStore {
	const root = resolve(directory);
	const incoming = join(root, "incoming");
	let prepared: Promise<void> | undefined;
	/** Subfolders whose entry in `root` is known to be on the disk. */
	const flushed = new Set<string>();

	/** Once a process; tried again after a failure, for the operator may have repaired what was wrong. */
	function prepare(): Promise<void> {
		prepared ??= makeReady(incoming).catch((error) => {
			prepared = undefined;
			throw error;
		});
		return prepared;
	}

	/** Flushes once a process also what was there: its maker may have died, or may not be that far yet. */
	async function makeFolder(path: string): Promise<void> {
		if (flushed.has(path)) return;
		await makeFolders(path);
		await syncFolder(root);
		flushed.add(path);
	}

	return {
		name: "files",
		async put(key, bytes) {
			const path = pathOf(root, key);
			const temporary = join(incoming, randomUUID());
			await onDisk("write", async () => {
				await prepare();
				try {
					await writeDurably(temporary, bytes);
					await makeFolder(dirname(path));
					await rename(temporary, path);
					await syncFolder(dirname(path));
				} catch (error) {
					// The folder may be another one now, or gone: the next write makes sure of it from the start.
					prepared = undefined;
					flushed.clear();
					// What cannot be removed now is removed with what crashes leave; the first error is the one that counts.
					await rm(temporary, { force: true }).catch(() => {});
					throw error;
				}
			});
		},
		async get(key, range) {
			const path = pathOf(root, key);
			const handle = await onDisk("read", () => open(path, "r"), key);
			return streamOf(handle, range);
		},
		async delete(key) {
			const path = pathOf(root, key);
			await onDisk("delete", () => rm(path, { force: true }));
		},
	};
}

/** Keys are file names as they are; nothing in them can lead out of the folder. */
function pathOf(root: string, key: string): string {
	if (!/^[a-z0-9][a-z0-9._-]{0,199}$/.test(key)) {
		throw new DarkroomError("invalid_input", {
			detail: `"${key}" is not an asset's key: at most 200 lower-case letters, digits, dots, dashes and underscores.`,
		});
	}
	return join(root, createHash("sha256").update(key).digest("hex").slice(0, 2), key);
}

/** No write takes this long, so what is older in `incoming` belongs to no living process. */
const abandonedAfterMs = 24 * 3_600_000;

/** Makes the folder and those above it, durably, and clears it of what crashes have left. */
async function makeReady(incoming: string): Promise<void> {
	const topmost = await makeFolders(incoming);
	if (topmost !== undefined) {
		const above = dirname(topmost);
		for (let folder = incoming; folder !== above; folder = dirname(folder)) await syncFolder(dirname(folder));
	}
	for (const name of await readdir(incoming)) {
		const path = join(incoming, name);
		// Another process may be cleaning up at the same time.
		const found = await statIfThere(path);
		if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
	}
}

/**
 * The topmost folder that had to be made. Node's own `recursive` never returns where the system says that a folder's
 * parent is missing though it is there, as below `/proc`.
 */
async function makeFolders(folder: string): Promise<string | undefined> {
	if (await isFolder(folder)) return undefined;
	const parent = dirname(folder);
	const topmost = parent === folder ? undefined : await makeFolders(parent);
	try {
		await mkdir(folder);
	} catch (error) {
		// Another process may have been first.
		if (!(await isFolder(folder))) throw error;
	}
	return topmost ?? folder;
}

async function isFolder(path: string): Promise<boolean> {
	return (await statIfThere(path))?.isDirectory() ?? false;
}

/** Undefined where there is nothing; what may not be seen, or cannot be, is an error. */
async function statIfThere(path: string): Promise<Stats | undefined> {
	try {
		return await stat(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
	const handle = await open(path, "wx");
	try {
		await handle.writeFile(bytes);
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/** A rename is durable only when its folder has been flushed. Windows cannot flush folders, and does so by itself. */
async function syncFolder(path: string): Promise<void> {
	if (process.platform === "win32") return;
	const handle = await open(path, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

const chunkBytes = 64 * 1024;

/** Reads as it is asked, and closes the file at the end, on failure, and when nobody wants the rest. */
function streamOf(handle: FileHandle, range: ByteRange | undefined): ReadableStream<Uint8Array> {
	let position = range?.start ?? 0;
	const end = range ? range.end + 1 : Number.POSITIVE_INFINITY;
	return new ReadableStream(
		{
			async pull(controller) {
				try {
					const chunk = new Uint8Array(Math.min(chunkBytes, end - position));
					const { bytesRead } = await onDisk("read", () => handle.read(chunk, 0, chunk.length, position));
					position += bytesRead;
					if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead));
					if (bytesRead > 0 && position < end) return;
					await handle.close();
					controller.close();
				} catch (error) {
					await handle.close();
					throw error;
				}
			},
			cancel: () => handle.close(),
		},
		{ highWaterMark: 0 },
	);
}

/** What the disk says, in our words. @param key of the file that may not be there. */
async function onDisk<Result>(what: string, work: () => Promise<Result>, key?: string): Promise<Result> {
	try {
		return await work();
	} catch (cause) {
		const code = (cause as NodeJS.ErrnoException).code;
		if (key !== undefined && code === "ENOENT") {
			throw new DarkroomError("not_found", { detail: `There are no bytes under "${key}".`, cause });
		}
		throw new DarkroomError("store_unavailable", {
			detail: `The asset folder could not ${what} (${code}). Check that its disk is there, writable and not full.`,
			retryAfterMs: 5_000,
			cause,
		});
	}
}
