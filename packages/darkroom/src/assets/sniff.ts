/** Kinds of pictures that are told apart by their first bytes. */
export type ImageFormat = "jpeg" | "png" | "webp" | "gif" | "avif" | "heic";

/** The most that `sniffImage` looks at; brands of a HEIF container beyond it are not seen. */
const headBytes = 64;

/** Brands of HEVC pictures in a HEIF container (ISO/IEC 23008-12, annex B). */
const heicBrands = ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"];

/**
 * What kind of picture these bytes begin like, or undefined. The name of a file and the content type that a
 * browser sends are only claims, so nothing else decides.
 */
export function sniffImage(bytes: Uint8Array): ImageFormat | undefined {
	// One byte, one character, so that signatures with bytes above 127 compare as they are written.
	const head = String.fromCharCode(...bytes.subarray(0, headBytes));
	if (head.startsWith("\xff\xd8\xff")) return "jpeg";
	if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
	if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "webp";
	if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
	if (head.slice(4, 8) === "ftyp") return sniffHeif(head);
	return undefined;
}

/** The major brand may be the general `mif1`; then the compatible ones say what is inside. */
function sniffHeif(head: string): ImageFormat | undefined {
	const boxEnd = [...head.slice(0, 4)].reduce((length, byte) => length * 256 + byte.charCodeAt(0), 0);
	const brands = [head.slice(8, 12), ...(head.slice(16, boxEnd).match(/.{4}/gs) ?? [])];
	if (brands.some((brand) => brand === "avif" || brand === "avis")) return "avif";
	if (brands.some((brand) => heicBrands.includes(brand))) return "heic";
	return undefined;
}
