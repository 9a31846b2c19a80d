import { createHash, createHmac } from "node:crypto";

/**
 * How Inngest's server and SDK prove themselves to each other. Bodies: HMAC-SHA-256 of the canonical JSON and the
 * second, with the key's text. Calls of the SDK to the server: the hash of the key's bytes as bearer token.
 */

/** The SDK takes no signature that is older or newer. By the machine's time: it knows no other. */
const longestAgeMs = 5 * 60_000;

/** The value of `x-inngest-signature` for this body. */
export function sign(body: string, key: string, nowMs = Date.now()): string {
	const second = Math.round(nowMs / 1_000);
	return `t=${second}&s=${digest(body, key, String(second))}`;
}

/** Whether the signature is of this body, by this key, and of now. */
export function isSigned(body: string, key: string, signature: string | undefined): boolean {
	const parts = new URLSearchParams(signature);
	const second = parts.get("t") ?? "";
	const ageMs = Math.abs(Date.now() - Number(second) * 1_000);
	return second !== "" && ageMs <= longestAgeMs && parts.get("s") === digest(body, key, second);
}

/** What the SDK sends as bearer token for this signing key. */
export function bearerOf(signingKey: string): string {
	const prefix = /^signkey-\w+-/.exec(signingKey)?.[0] ?? "";
	return prefix + createHash("sha256").update(withoutPrefix(signingKey), "hex").digest("hex");
}

/** JSON with sorted keys (RFC 8785), which is what is signed: the app may have parsed the body before the SDK sees it. */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
	const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
	const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
}

function digest(body: string, key: string, second: string): string {
	return createHmac("sha256", withoutPrefix(key)).update(body).update(second).digest("hex");
}

function withoutPrefix(key: string): string {
	return key.replace(/^signkey-\w+-/, "");
}
