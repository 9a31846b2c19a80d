import type { ImageModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import type { DarkroomError } from "../core/errors.ts";

/**
 * The models that an app configured, by role. Each is an ordinary model of the AI SDK, so jobs call
 * `generateText({ model: models.prompt, … })` and `generateImage({ model: models.image, … })` from `ai`.
 * Ours are wrapped: what a vendor throws comes out as a `DarkroomError` of the failure taxonomy, which the AI
 * SDK does not retry by itself, so that every try is one of our step's tries and is paid for knowingly.
 */
export interface Models {
	/** What is configured, for screens that name the model and its provider before they start. */
	describe(): Readonly<Record<Role, ModelDescription>>;
	/** The models as one job sees them: aborted with its signal, each call carrying its step's key. */
	bind(call: () => ModelCall): BoundModels;
	/** The failure taxonomy: whatever was thrown, as one of our errors. Errors of ours pass unchanged. */
	classify(error: unknown): DarkroomError;
}

export const roles = ["prompt", "image", "vision"] as const;
export type Role = (typeof roles)[number];

export interface BoundModels {
	/** Writes texts. */
	readonly prompt: LanguageModelV4;
	/** Draws pictures, from words or from words and a reference picture. */
	readonly image: ImageModelV4;
	/** Says what is in a picture. */
	readonly vision: LanguageModelV4;
}

/** What the engine knows about the call that is being made. */
export interface ModelCall {
	/** Aborts when the job is cancelled, times out or loses its lease. */
	readonly signal: AbortSignal;
	/** The same for every try of one step, sent as `Idempotency-Key`, so that a provider may recognise a repeat. */
	readonly idempotencyKey: string;
}

export interface ModelDescription {
	/** `openai`, `google`, `kie` or `placeholder`. */
	readonly provider: string;
	readonly model: string;
	readonly isPlaceholder: boolean;
}
