/**
 * Idempotency keys, one for each thing that a person meant to start. When no answer came it is unknown whether the
 * job was accepted, so the key is kept, and the next submit of the same kind and input goes out under it: if the
 * job is there already, that is the answer, and nothing is bought twice.
 */
export class Intents {
	readonly #open = new Map<string, string[]>();

	/** The key of an intent whose outcome is unknown, or a new one. */
	begin(kind: string, input: unknown): string {
		return this.#open.get(toName(kind, input))?.shift() ?? newKey();
	}

	/** No answer came: the next `begin` of the same resumes this one. */
	keepOpen(kind: string, input: unknown, key: string): void {
		const name = toName(kind, input);
		this.#open.set(name, [...(this.#open.get(name) ?? []), key]);
	}

	/** For another viewer, whose intents are others. */
	clear(): void {
		this.#open.clear();
	}
}

/** Equal for the same kind and input. */
export function toName(kind: string, input: unknown): string {
	return `${kind} ${JSON.stringify(input)}`;
}

/** 128 bits of chance. `crypto.randomUUID` is missing on pages served over plain HTTP; this is not. */
function newKey(): string {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
