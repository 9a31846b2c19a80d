import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "./config.ts";

/** @throws ConfigError when the folder cannot be made or written to. */
export function prepareDataFolder(folder: string): void {
	try {
		makeFolder(folder);
		accessSync(folder, constants.R_OK | constants.W_OK);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new ConfigError(`DARKROOM_DATA is "${folder}", and that folder cannot be used: ${reason}.`, { cause });
	}
}

/**
 * With those above it. Node's own `recursive` never returns where the system says that a folder's parent is missing
 * though it is there, as below `/proc`.
 */
function makeFolder(folder: string): void {
	if (isFolder(folder)) return;
	const parent = dirname(folder);
	if (parent !== folder) makeFolder(parent);
	try {
		// Sessions and photos lie here: nobody else on the machine may look.
		mkdirSync(folder, { mode: 0o700 });
	} catch (error) {
		// Another process may have been first.
		if (!isFolder(folder)) throw error;
	}
}

function isFolder(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
