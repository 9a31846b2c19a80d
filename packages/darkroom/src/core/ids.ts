/**
 * Identifiers that sort by the time they were made: 9 characters of milliseconds, 3 that count within one (so
 * that what one process makes stays in order), 10 of chance, all in Crockford's base 32 in lower case (no i, l,
 * o, u), so they are safe in URLs, file names and speech. Rows inserted together lie together in the tree. They
 * are not secrets: every read checks its viewer.
 */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
/** Every pair of characters, by ten bits: text grows by as few pieces as can be, since every piece is an object for a while. */
const pairs = [...alphabet].flatMap((first) => [...alphabet].map((second) => first + second));

/** Makes identifiers and lease tokens; one for each process, since its count is what keeps them in order. */
export interface Ids {
	/** A new identifier, 22 characters, 50 bits of chance. */
	newId(nowMs: number): string;
	/** A new lease token, 16 characters, 80 bits of chance. */
	newLeaseToken(): string;
}

/**
 * @param fill fills bytes with chance. Default: the machine's; a simulation gives its own.
 * @param poolBytes are asked of `fill` at a time. Default 8,192: asking costs more than what is asked for.
 */
export function createIds(fill: (bytes: Uint8Array<ArrayBuffer>) => void = fillWithChance, poolBytes = 8_192): Ids {
	const pool = new Uint8Array(poolBytes);
	let used = pool.length;
	let prefixMs = -1;
	let prefix = "";
	let count = 0;

	/** @param length even. */
	function chance(length: number): string {
		if (used + length > pool.length) {
			fill(pool);
			used = 0;
		}
		let text = "";
		for (const end = used + length; used < end; used += 2) {
			text += pairs[(((pool[used] as number) & 31) << 5) | ((pool[used + 1] as number) & 31)];
		}
		return text;
	}

	return {
		newId(nowMs) {
			if (nowMs !== prefixMs) {
				prefixMs = nowMs;
				prefix = base32(nowMs, 9);
				count = 0;
			}
			return prefix + base32(count++ % 32_768, 3) + chance(10);
		},
		newLeaseToken: () => chance(16),
	};
}

function fillWithChance(bytes: Uint8Array<ArrayBuffer>): void {
	crypto.getRandomValues(bytes);
}

function base32(value: number, length: number): string {
	let rest = value;
	let text = "";
	for (let i = 0; i < length; i++) {
		text = alphabet[rest % 32] + text;
		rest = Math.floor(rest / 32);
	}
	return text;
}

/** Those of this process. */
export const systemIds = createIds();
export const { newId, newLeaseToken } = systemIds;

const idPattern = /^[0-9a-hjkmnp-tv-z]{22}$/;

/** Whether this has the form that `newId` gives; it says nothing of whether anything has it. */
export function isId(text: string): boolean {
	return idPattern.test(text);
}
