import { DarkroomError } from "./errors.ts";

/** Rows and events stay small: what is larger belongs into an asset. Bytes of JSON text. */
export const rowLimitBytes = 256 * 1024;

/** Characters of base64 that make a picture or file in disguise; who merely writes about data URLs writes fewer. */
const disguise = 64;
const dataUrl = new RegExp(String.raw`data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/]{${disguise}}`);

/**
 * The JSON text of a value that goes into a row.
 * @throws `bytes_in_row` for anything that holds bytes, `too_large` above `rowLimitBytes`; `what` names it.
 */
export function toRowJson(value: unknown, what: string): string {
	if (value === undefined || value === null) return "null";
	if (typeof value === "object" && holdsBytes(value)) {
		throw new DarkroomError("bytes_in_row", {
			detail: `The ${what} holds bytes. Store them as an asset and return its reference.`,
		});
	}
	const text = JSON.stringify(value) ?? "null";
	const bytes = sizeOf(text);
	if (bytes > rowLimitBytes) {
		throw new DarkroomError("too_large", {
			detail: `The ${what} is ${bytes} bytes of JSON; the limit is ${rowLimitBytes}. Store it as an asset and return its reference.`,
			data: { limit: rowLimitBytes },
		});
	}
	if (text.length > disguise && dataUrl.test(text)) {
		throw new DarkroomError("bytes_in_row", {
			detail: `The ${what} holds a base64 data URL. Store it as an asset and return its reference.`,
		});
	}
	return text;
}

/** Bytes in UTF-8. A character is one to three of them, so only a text near the limit has to be encoded. */
function sizeOf(text: string): number {
	const mayBeTooLarge = text.length * 3 > rowLimitBytes;
	return mayBeTooLarge ? new TextEncoder().encode(text).length : text.length;
}

function holdsBytes(value: object): boolean {
	if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Blob) return true;
	const parts = Array.isArray(value) ? value : Object.values(value);
	return parts.some((part) => typeof part === "object" && part !== null && holdsBytes(part));
}
