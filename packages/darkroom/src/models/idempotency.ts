import { createHash, type Hash } from "node:crypto";

/** Names a call so that a vendor may recognise a repeat of it and not make, and bill, the picture twice. */
export interface CallNames {
	/**
	 * Runs `send` with a key made of the step's key and what is asked: every try of the step sends the same, two
	 * different questions of one step do not, and neither do equal ones that are under way at the same time, as when
	 * `n` pictures are asked for one by one.
	 */
	named<Result>(stepKey: string, options: object, send: (key: string) => Promise<Result>): Promise<Result>;
}

export function createCallNames(): CallNames {
	const underWay = new Map<string, Set<number>>();
	return {
		async named(stepKey, options, send) {
			const name = `${safeKey(stepKey)}-${digest(options)}`;
			const taken = underWay.get(name) ?? new Set();
			underWay.set(name, taken);
			let place = 0;
			while (taken.has(place)) place++;
			taken.add(place);
			try {
				return await send(place === 0 ? name : `${name}-${place}`);
			} finally {
				taken.delete(place);
				if (taken.size === 0) underWay.delete(name);
			}
		},
	};
}

/** A header holds printable ASCII only, and vendors take at most 255 characters of it. */
function safeKey(key: string): string {
	if (key.length <= 200 && /^[\x21-\x7e]+$/.test(key)) return key;
	return createHash("sha256").update(key).digest("hex").slice(0, 40);
}

/** What belongs to this try and not to the question. */
const left = new Set(["abortSignal", "headers"]);

function digest(options: object): string {
	const hash = createHash("sha256");
	for (const [name, value] of Object.entries(options)) if (!left.has(name)) feed(hash.update(`${name}=`), value);
	return hash.digest("hex").slice(0, 16);
}

/** Like JSON into the hash, but bytes go in as they are: photos are megabytes. */
function feed(hash: Hash, value: unknown): void {
	if (value instanceof Uint8Array) hash.update(value);
	else if (typeof value === "object" && value !== null && !(value instanceof URL)) {
		hash.update("{");
		for (const [name, part] of Object.entries(value)) feed(hash.update(`${JSON.stringify(name)}:`), part);
		hash.update("}");
	} else hash.update(`${JSON.stringify(String(value))},`);
}
