/** What the server takes: told to the page, so that a photo it could not use is not sent at all. */
export interface PhotoRules {
	/** Bytes of the largest upload. */
	readonly limitBytes: number;
	/** Pixels that the shortest side needs. */
	readonly minSidePixels: number;
	/** Content types that the server can read on its machine. */
	readonly types: readonly string[];
}

const heic = "image/heic";

/** What to do with a photo as iPhones store it, where the server cannot read those. */
export const heicAdvice = "Export it as JPEG. On an iPhone: Settings → Camera → Formats → Most Compatible.";

/**
 * What is wrong with a chosen file, in a sentence, or undefined. The server decides by content; this only spares a
 * futile upload.
 */
export function whyUnusable(
	file: { readonly name: string; readonly type: string; readonly size: number },
	{ limitBytes, types }: PhotoRules,
): string | undefined {
	const type = typeOf(file);
	if (!types.includes(type)) {
		if (type === heic) return `This is a HEIC photo, which cannot be read here. ${heicAdvice}`;
		return `This is not a photo that can be used. Choose a ${formatWords(types)}.`;
	}
	if (file.size === 0) return "This file is empty. Choose another one.";
	if (file.size > limitBytes) {
		return `This photo has ${megabytes(file.size)}; at most ${megabytes(limitBytes)} can be used. Most phones can share a smaller copy.`;
	}
	return undefined;
}

/** The same of its pixels, once the browser has read it. */
export function whyTooSmall(
	{ width, height }: { readonly width: number; readonly height: number },
	{ minSidePixels }: Pick<PhotoRules, "minSidePixels">,
): string | undefined {
	if (Math.min(width, height) >= minSidePixels) return undefined;
	return `This photo is too small: it has ${width} × ${height} pixels, and each side needs at least ${minSidePixels}. Choose a larger one.`;
}

/** Most browsers have no type for HEIC, so there its name is all there is. */
function typeOf({ name, type }: { readonly name: string; readonly type: string }): string {
	return type === "image/heif" || /\.hei[cf]$/i.test(name) ? heic : type;
}

export function canReadHeic(types: readonly string[]): boolean {
	return types.includes(heic);
}

/**
 * What a file chooser offers. Where HEIC is left out, an iPhone's own photo library hands over a JPEG instead, so most
 * of its owners never meet the refusal.
 */
export function acceptOf(types: readonly string[]): string {
	return [...types, ...(canReadHeic(types) ? [".heic", ".heif"] : [])].join(",");
}

const names: Readonly<Record<string, string>> = { "image/webp": "WebP" };

/** `JPEG, PNG or WebP`. */
export function formatWords(types: readonly string[]): string {
	const words = types.map((type) => names[type] ?? type.replace("image/", "").toUpperCase());
	return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** `4.2 MB`, in the same megabytes as the limit. */
export function megabytes(bytes: number): string {
	const value = bytes / (1024 * 1024);
	return `${value >= 10 ? Math.ceil(value) : Math.ceil(value * 10) / 10} MB`;
}
