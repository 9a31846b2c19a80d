import type { ImageModelV4Result, LanguageModelV4Content, LanguageModelV4FinishReason } from "@ai-sdk/provider";
import type { DarkroomError } from "../core/errors.ts";
import { failureOf } from "./failure.ts";

/** Google's reasons that the AI SDK does not all count as a content filter. */
const blocked = /SAFETY|PROHIBITED|BLOCKLIST|SPII|RECITATION|CONTENT_?FILTER|REFUSAL/i;

/**
 * Some vendors answer 200 and deliver nothing that was asked for. What such an answer is in the taxonomy;
 * undefined for one that can be used. The reason is kept as the cause, its text never is.
 */
export function unusableText(answer: {
	readonly content: readonly LanguageModelV4Content[];
	readonly finishReason: LanguageModelV4FinishReason;
}): DarkroomError | undefined {
	const { unified, raw } = answer.finishReason;
	const cause = new Error(`The answer ended with "${unified}" (${raw ?? "no reason given"}).`);
	if (unified === "content-filter" || (raw && blocked.test(raw))) return failureOf("moderated", cause);
	if (unified === "error" || unified === "interrupted") return failureOf("outage", cause);
	const hasSubstance = answer.content.some((part) =>
		part.type === "text" ? part.text.trim() !== "" : part.type !== "reasoning",
	);
	return hasSubstance ? undefined : failureOf("ambiguous", cause);
}

/** The same for pictures: none at all, empty ones, or a refusal in the vendor's metadata. */
export function unusableImages(result: ImageModelV4Result): DarkroomError | undefined {
	if (result.images.length > 0 && result.images.every((image) => image.length > 0)) return undefined;
	const reasons = Object.values(result.providerMetadata ?? {}).flatMap((metadata) => {
		const facts = metadata as { finishReason?: unknown; promptFeedback?: { blockReason?: unknown } | null };
		return [facts.finishReason, facts.promptFeedback?.blockReason].filter((reason) => typeof reason === "string");
	});
	const cause = new Error(`The answer held no picture (${reasons.join(", ") || "no reason given"}).`);
	const isRefusal = result.isRetryable === false || reasons.some((reason) => blocked.test(reason));
	return failureOf(isRefusal ? "moderated" : "ambiguous", cause);
}
