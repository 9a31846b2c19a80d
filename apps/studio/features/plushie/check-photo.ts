/** Types that the server can read; it decides by content, this only spares a futile upload. */
export const photoTypes = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"] as const;

/** What is wrong with a chosen file, in a sentence, or undefined. `limitBytes` is the server's. */
export function whyUnusable(
	file: { readonly name: string; readonly type: string; readonly size: number },
	limitBytes: number,
): string | undefined {
	if (file.type === "image/heic" || file.type === "image/heif" || /\.hei[cf]$/i.test(file.name)) {
		return "This is a HEIC photo, which cannot be read here. On an iPhone, choose “Most Compatible” in Settings, Camera, Formats, or share it as a JPEG.";
	}
	if (!photoTypes.some((type) => type === file.type)) {
		return "This is not a photo that can be used. Choose a JPEG, PNG, WebP, AVIF or GIF.";
	}
	if (file.size === 0) return "This file is empty. Choose another one.";
	if (file.size > limitBytes) {
		return `This photo has ${megabytes(file.size)}; at most ${megabytes(limitBytes)} can be used. Most phones can share a smaller copy.`;
	}
	return undefined;
}

/** `4.2 MB`, in the same megabytes as the limit. */
export function megabytes(bytes: number): string {
	const value = bytes / (1024 * 1024);
	return `${value >= 10 ? Math.ceil(value) : Math.ceil(value * 10) / 10} MB`;
}
