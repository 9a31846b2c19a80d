/**
 * Identifiers that sort by the time they were made: 9 characters of milliseconds, then 13 of chance, all in
 * Crockford's base 32 in lower case (no i, l, o, u), so they are safe in URLs, file names and speech. Rows
 * inserted together lie together in the tree. They are not secrets: every read checks its viewer.
 */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const pool = new Uint8Array(8_192);
let used = pool.length;

function chance(length: number): string {
	if (used + length > pool.length) {
		crypto.getRandomValues(pool);
		used = 0;
	}
	let text = "";
	for (let i = 0; i < length; i++) text += alphabet[(pool[used++] as number) & 31];
	return text;
}

let prefixMs = -1;
let prefix = "";

function timePrefix(nowMs: number): string {
	if (nowMs === prefixMs) return prefix;
	let rest = nowMs;
	let text = "";
	for (let i = 0; i < 9; i++) {
		text = alphabet[rest % 32] + text;
		rest = Math.floor(rest / 32);
	}
	prefixMs = nowMs;
	prefix = text;
	return text;
}

/** A new identifier, 22 characters, 65 bits of chance. */
export function newId(nowMs: number): string {
	return timePrefix(nowMs) + chance(13);
}

/** A new lease token, 16 characters, 80 bits of chance. */
export function newLeaseToken(): string {
	return chance(16);
}

const idPattern = /^[0-9a-hjkmnp-tv-z]{22}$/;

/** Whether this has the form that `newId` gives; it says nothing of whether anything has it. */
export function isId(text: string): boolean {
	return idPattern.test(text);
}
