/**
 * What Darkroom needs to know and do about pictures. One implementation, over sharp; an interface so that the
 * engine does not load a native library to run jobs that have no pictures.
 */
export interface Images {
	/**
	 * Checks by content that these bytes are a picture, applies the EXIF orientation, drops all metadata
	 * (place, camera, author), and measures it.
	 * @throws `unsupported_image` when it is no picture of a kind that can be used, `unreadable_image` when it is
	 * truncated, broken or larger than `pixelLimit` or `sideLimit`.
	 */
	prepare(bytes: Uint8Array): Promise<PreparedImage>;
	/**
	 * Content types of the pictures that `prepare` can read on this machine: for a form that says so before an upload.
	 * HEIC is among them only where it can be decoded. @throws `misconfigured`
	 */
	types(): Promise<readonly string[]>;
	/** The picture no wider than `width` pixels, never enlarged, as WebP. @throws as `prepare` */
	resize(bytes: Uint8Array, width: number): Promise<{ readonly bytes: Uint8Array; readonly contentType: string }>;
}

export interface PreparedImage {
	readonly bytes: Uint8Array;
	readonly contentType: string;
	readonly width: number;
	readonly height: number;
	/** A `data:` URL of at most about 400 bytes. */
	readonly blur: string;
}

/** Pixels of the largest picture that is decoded: 50 megapixels, above any phone's default. */
export const pixelLimit = 50_000_000;

/** Pixels of the longest side that is accepted: the most that WebP can hold (https://developers.google.com/speed/webp/faq). */
export const sideLimit = 16_383;

/** Widths that thumbnails are made in, pixels; a request is rounded up to the next. */
export const thumbnailWidths = [64, 128, 256, 384, 640, 960, 1280] as const;

/** Pixels of the shortest side of an upload. Default of `createDarkroom({ uploadMinSidePixels })`: any picture. */
export const uploadMinSidePixels = 1;

/** Bytes of the largest upload. Default of `createDarkroom({ uploadLimitBytes })`. */
export const uploadLimitBytes = 10 * 1024 * 1024;
