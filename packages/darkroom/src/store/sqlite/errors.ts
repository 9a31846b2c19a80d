import { DarkroomError, isDarkroomError } from "../../core/errors.ts";

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) after which the database may well come back. */
const busy = 5;
const locked = 6;
const reasons: Record<number, string> = {
	[busy]: "another process is writing to it",
	[locked]: "it is locked",
	8: "it is read-only",
	10: "the disk failed",
	11: "the file is damaged",
	13: "the disk is full",
	14: "the file cannot be opened",
	15: "its locks are in use by too many",
	26: "the file is not a database",
};

/** Whether another connection holds the write lock just now. */
export function isBusy(error: unknown): boolean {
	const code = resultCode(error);
	return code === busy || code === locked;
}

/** What the store rejects with: refusals as they are, SQLite's troubles as `store_unavailable`, anything else as it is. */
export function toStoreError(error: unknown): unknown {
	if (isDarkroomError(error)) return error;
	const code = resultCode(error);
	if (code === undefined) return error;
	const reason = reasons[code];
	if (reason === undefined) return error;
	return new DarkroomError("store_unavailable", {
		detail: `The database cannot be used: ${reason}. What was accepted is kept; try again in a moment.`,
		retryAfterMs: 1_000,
		cause: error,
	});
}

/** What is wrong with a file that cannot even be opened, and what its operator can do. */
const openingFaults: Record<number, { readonly code: "misconfigured" | "store_unavailable"; readonly words: string }> =
	{
		8: { code: "store_unavailable", words: "cannot be written to. Check who may write there" },
		11: { code: "misconfigured", words: "is damaged. Restore it from a backup, or give the store another path" },
		14: { code: "store_unavailable", words: "cannot be opened. Check the path, and who may read and write there" },
		26: {
			code: "misconfigured",
			words: "is not a SQLite database. Give the store another path, or move that file away",
		},
	};

/** The same for what happens while the file is opened: trying again would not help where it is the wrong one. */
export function toOpeningError(error: unknown, path: string): unknown {
	const fault = openingFaults[resultCode(error) ?? Number.NaN];
	if (!fault) return error;
	return new DarkroomError(fault.code, { detail: `The database file ${path} ${fault.words}.`, cause: error });
}

function resultCode(error: unknown): number | undefined {
	if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
	return error.errcode & 0xff;
}
