import { createHash, randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID, as Inngest names runs and events: ten characters of time, sixteen of chance. */
export function ulid(nowMs: number, chance: Uint8Array = randomBytes(10)): string {
	const value = (BigInt(nowMs) << 80n) | BigInt(`0x${Buffer.from(chance).toString("hex")}`);
	return Array.from({ length: 26 }, (_, at) => alphabet[Number((value >> BigInt(125 - 5 * at)) & 31n)]).join("");
}

/**
 * The id of the event at `index` of a batch whose sender gave a seed (`x-inngest-event-id-seed: ms,base64`): the same
 * when the SDK sends the batch again, so that what has no id of its own is not run twice either.
 */
export function seededUlid(seed: string | undefined, index: number, nowMs: number): string {
	const [ms, entropy] = seed?.split(",") ?? [];
	const chance = Buffer.from(entropy ?? "", "base64");
	if (chance.length !== 10 || !Number.isInteger(Number(ms))) return ulid(nowMs);
	chance.writeUInt32BE((chance.readUInt32BE(6) + index) % 2 ** 32, 6);
	return ulid(Number(ms), chance);
}

/** The server's own id of a function, which the SDK hands back with each checkpoint. */
export function functionUuid(functionId: string): string {
	const hex = createHash("sha1").update(functionId).digest("hex");
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
