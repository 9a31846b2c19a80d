import { answerSchema, type JsonSchema } from "../models/placeholder/answer.ts";
import { createDice } from "../models/placeholder/chance.ts";

/** Whose wire is spoken. */
export type Wire = "openai" | "google" | "kie";

/**
 * How one request is answered:
 * `works` well · `throttled` 429 · `quota` used up · `moderated` refused · `garbage` not JSON · `empty` well formed,
 * with nothing in it · `error` 500 · `unauthorized` the key is wrong · `invalid` the input is · `too-large` 413 ·
 * `hang` never · `drop` the connection is cut before an answer · `truncate` in the middle of one.
 */
export type Behaviour =
	| "works"
	| "throttled"
	| "quota"
	| "moderated"
	| "garbage"
	| "empty"
	| "error"
	| "unauthorized"
	| "invalid"
	| "too-large"
	| "hang"
	| "drop"
	| "truncate";

/** What was asked for, as far as the answer depends on it. */
export interface Asked {
	readonly wire: Wire;
	readonly task: "text" | "image";
	readonly prompt: string;
	readonly apiKey: string;
	readonly model: string;
	/** The JSON schema of the answer, when one is wanted. */
	readonly schema: JsonSchema | undefined;
	readonly count: number;
	/** A picture in base64, to be delivered. */
	readonly picture: string;
}

export interface Answer {
	readonly status: number;
	readonly body: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/** A vendor's answer as its API documents it. Its prose quotes prompt and key, as vendors do. */
export function answerAs(behaviour: Behaviour, asked: Asked): Answer {
	switch (behaviour) {
		case "garbage":
			return { status: 200, body: "<!doctype html><p>Bad gateway, sorry" };
		case "empty":
			return json(200, emptyBody(asked));
		case "throttled":
			return fault(asked, 429, "rate_limit_exceeded", "RESOURCE_EXHAUSTED", `Slow down: ${asked.prompt}`);
		case "quota":
			return fault(asked, 429, "insufficient_quota", "RESOURCE_EXHAUSTED", "You exceeded your current quota.");
		case "error":
			return fault(asked, 500, "server_error", "INTERNAL", `Could not process ${asked.prompt}`);
		case "unauthorized":
			return asked.wire === "google"
				? fault(asked, 400, "", "INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID")
				: fault(asked, 401, "invalid_api_key", "", `Incorrect API key provided: ${asked.apiKey}.`);
		case "invalid":
			return fault(asked, 400, "invalid_value", "INVALID_ARGUMENT", `Invalid value: ${asked.prompt}`);
		case "too-large":
			return fault(asked, 413, "request_too_large", "INVALID_ARGUMENT", "Request entity too large");
		case "moderated":
			return refusal(asked);
		default:
			return json(200, goodBody(asked));
	}
}

function json(status: number, body: unknown): Answer {
	return { status, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

function fault(
	asked: Asked,
	status: number,
	code: string,
	googleStatus: string,
	message: string,
	reason?: string,
): Answer {
	if (asked.wire !== "google") return json(status, { error: { message, type: code, param: null, code } });
	const details = reason ? [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason }] : [];
	return json(status, { error: { code: status, message, status: googleStatus, details } });
}

function refusal(asked: Asked): Answer {
	const { wire, task, prompt } = asked;
	if (wire === "google") {
		return task === "text"
			? json(200, { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: googleUsage })
			: json(200, { candidates: [{ finishReason: "IMAGE_PROHIBITED_CONTENT" }], usageMetadata: googleUsage });
	}
	if (task === "image") {
		const code = wire === "openai" ? "moderation_blocked" : "content_policy_violation";
		return json(400, {
			error: { message: `Rejected by the safety system: ${prompt}`, type: "image_generation_user_error", code },
		});
	}
	const words = "I cannot help with that.";
	if (wire === "openai") return json(200, responsesBody(asked, [{ type: "refusal", refusal: words }]));
	return json(200, chatBody(asked, { content: words }, "content_filter"));
}

function emptyBody(asked: Asked): unknown {
	if (asked.wire === "google") {
		return {
			candidates: [{ content: { role: "model", parts: [] }, finishReason: "STOP" }],
			usageMetadata: googleUsage,
		};
	}
	if (asked.task === "image") return { created: 1, data: [] };
	return asked.wire === "openai" ? responsesBody(asked, []) : chatBody(asked, { content: "" }, "stop");
}

function goodBody(asked: Asked): unknown {
	const { wire, task, picture, count } = asked;
	if (task === "image" && wire !== "google") {
		return { created: 1, data: Array.from({ length: count }, () => ({ b64_json: picture })) };
	}
	if (wire === "google") {
		const part = task === "image" ? { inlineData: { mimeType: "image/png", data: picture } } : { text: words(asked) };
		return {
			candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP" }],
			usageMetadata: googleUsage,
		};
	}
	if (wire === "openai") return responsesBody(asked, [{ type: "output_text", text: words(asked), annotations: [] }]);
	return chatBody(asked, { content: words(asked) }, "stop");
}

/** The text of a good answer: a value of the schema, or a sentence that names the model. */
function words({ schema, model }: Asked): string {
	const sentence = `Written by ${model}.`;
	if (!schema) return sentence;
	const value = answerSchema(schema, {
		dice: createDice(1),
		text: () => sentence,
		choose: () => undefined,
		count: () => undefined,
	});
	return JSON.stringify(value);
}

function responsesBody(asked: Asked, content: readonly unknown[]): unknown {
	return {
		id: "resp_1",
		object: "response",
		created_at: 1,
		status: "completed",
		error: null,
		incomplete_details: null,
		model: asked.model,
		output: [{ id: "msg_1", type: "message", status: "completed", role: "assistant", content }],
		usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
	};
}

function chatBody(asked: Asked, message: object, finishReason: string): unknown {
	return {
		id: "chat_1",
		object: "chat.completion",
		created: 1,
		model: asked.model,
		choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finishReason }],
		usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
	};
}

const googleUsage = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
