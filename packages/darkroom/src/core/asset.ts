/** Stored bytes' row: who owns them and what they are. Everything else in Darkroom carries only the `id`. */
export interface Asset {
	readonly id: string;
	readonly owner: string;
	/** Decided by content, never by name or by the sender's word. */
	readonly contentType: string;
	/** Bytes. */
	readonly size: number;
	/** Pixels, after the EXIF orientation was applied; null for what is not an image. */
	readonly width: number | null;
	readonly height: number | null;
	/** A picture of a few hundred bytes as a `data:` URL, shown blurred until the real one is there. */
	readonly blur: string | null;
	readonly createdAt: number;
	/** When a job first used it; an upload that none ever used is swept. */
	readonly keptAt: number | null;
}

/** An asset as its owner sees it: the wire's `asset`. */
export interface AssetSnapshot {
	readonly id: string;
	readonly contentType: string;
	readonly size: number;
	readonly width: number | null;
	readonly height: number | null;
	readonly blur: string | null;
	readonly createdAt: string;
}
