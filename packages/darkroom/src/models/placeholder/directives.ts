import { type Duration, toMs } from "../../core/duration.ts";

/**
 * Orders to the placeholder models, written anywhere in a prompt, so that every way a real model can behave
 * can be seen and tested without one:
 * `[slow:8s]` takes that much longer · `[fail]` fails on every try · `[flaky:2]` fails twice, then works ·
 * `[moderated]` is refused by safety rules · `[garbage]` answers what cannot be used · `[gate]` answers when the gate is
 * open (obey.ts).
 */
export interface Directives {
	/** 0 when not asked for. At most ten minutes. */
	readonly slowMs: number;
	readonly fail: boolean;
	/** Tries that fail before one works; 0 when not asked for. */
	readonly flaky: number;
	readonly moderated: boolean;
	readonly garbage: boolean;
	readonly gate: boolean;
}

const pattern = /\[(?:slow:(\d+(?:\.\d+)?(?:ms|s|m))|flaky:(\d{1,3})|(fail|moderated|garbage|gate))\]/gi;
const longestMs = 600_000;

export function readDirectives(text: string): Directives {
	const found = { slowMs: 0, fail: false, flaky: 0, moderated: false, garbage: false, gate: false };
	for (const [, slow, flaky, word] of text.matchAll(pattern)) {
		if (slow) found.slowMs = Math.min(longestMs, toMs(slow.toLowerCase() as Duration));
		else if (flaky) found.flaky = Number(flaky);
		else if (word) found[word.toLowerCase() as "fail" | "moderated" | "garbage" | "gate"] = true;
	}
	return found;
}

/** The prompt without them: what is written or drawn from it must not carry an order on to the next model. */
export function withoutDirectives(text: string): string {
	return text
		.replaceAll(pattern, " ")
		.replace(/[ \t]{2,}/g, " ")
		.trim();
}
