import { DarkroomError } from "./errors.ts";

type Unit = "ms" | "s" | "m" | "h" | "d";
/** A length of time: milliseconds as a number, or a number with its unit, such as `"5m"` or `"1.5s"`. */
export type Duration = number | `${number}${Unit}`;

const unitMs: Record<Unit, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws `invalid_input` when the text is no duration, or is negative or not finite. */
export function toMs(duration: Duration): number {
	if (isDuration(duration)) return measure(duration);
	throw new DarkroomError("invalid_input", {
		detail: `"${duration}" is not a duration. Write milliseconds as a number, or a number with ms, s, m, h or d, such as "5m".`,
	});
}

/** Whether `toMs` takes it. */
export function isDuration(value: unknown): value is Duration {
	const ms = measure(value);
	return Number.isFinite(ms) && ms >= 0;
}

function measure(value: unknown): number {
	if (typeof value === "number") return value;
	return typeof value === "string" ? read(value) : Number.NaN;
}

function read(text: string): number {
	const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
	return match ? Number(match[1]) * unitMs[match[2] as Unit] : Number.NaN;
}
