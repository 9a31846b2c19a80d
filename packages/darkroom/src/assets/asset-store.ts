/**
 * Where bytes live: a flat space of keys (`/^[a-z0-9][a-z0-9._-]{0,199}$/`, others are `invalid_input`), written
 * once and never changed. Ownership is not its business: the store's asset rows say whose a key is, and nothing
 * reaches here without them.
 */
export interface AssetStore {
	/** A name for logs and errors, such as `files`. */
	readonly name: string;
	/** Stores the bytes durably before it resolves. Keys are unique, so nothing is ever overwritten. */
	put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
	/** @throws `not_found`. A range is inclusive at both ends, as in HTTP, and within the size. */
	get(key: string, range?: ByteRange): Promise<ReadableStream<Uint8Array>>;
	/** Resolves also when there was nothing. */
	delete(key: string): Promise<void>;
}

export interface ByteRange {
	readonly start: number;
	readonly end: number;
}
