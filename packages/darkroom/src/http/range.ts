import type { ByteRange } from "../assets/asset-store.ts";

/**
 * The part of `size` bytes that a `Range` header asks for (RFC 9110, 14.2). Undefined where the whole is the
 * answer: no header, several ranges at once, another unit, or words that make no sense; `"unsatisfiable"` where it
 * asks for nothing that there is.
 */
export function parseRange(header: string | null, size: number): ByteRange | "unsatisfiable" | undefined {
	const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
	if (!match) return undefined;
	const [first, last] = [match[1] ?? "", match[2] ?? ""];
	if (first === "") return last === "" ? undefined : lastBytes(Number(last), size);
	const start = Number(first);
	const end = last === "" ? size - 1 : Number(last);
	if (last !== "" && end < start) return undefined;
	return start >= size ? "unsatisfiable" : { start, end: Math.min(end, size - 1) };
}

function lastBytes(count: number, size: number): ByteRange | "unsatisfiable" {
	if (count === 0 || size === 0) return "unsatisfiable";
	return { start: Math.max(0, size - count), end: size - 1 };
}
