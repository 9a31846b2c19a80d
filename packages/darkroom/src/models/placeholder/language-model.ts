import type {
	LanguageModelV4,
	LanguageModelV4CallOptions,
	LanguageModelV4FilePart,
	LanguageModelV4GenerateResult,
	LanguageModelV4StreamPart,
	LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { DarkroomError } from "../../core/errors.ts";
import { answerSchema } from "./answer.ts";
import { hashBytes, hashText } from "./chance.ts";
import { listsStory } from "./details.ts";
import { withoutDirectives } from "./directives.ts";
import { answerAnything } from "./general.ts";
import { lookAt } from "./look.ts";
import { headerOf, type Obey } from "./obey.ts";
import { writeAboutPhoto, writeStory } from "./writers.ts";

/**
 * A language model of the AI SDK that needs no vendor: asked with a picture it says what its pixels tell, asked
 * with a story's details it writes the prompt for an illustrated one, and asked for anything else it says what it was
 * asked and that it is a placeholder. With a JSON schema it answers a value of that schema. The same call gives the same
 * answer.
 */
export function createPlaceholderLanguageModel(modelId: string, obey: Obey): LanguageModelV4 {
	const generate = async (options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> => {
		const prompt = textOf(options);
		const directives = await obey({
			text: prompt,
			idempotencyKey: headerOf(options.headers, "idempotency-key"),
			signal: options.abortSignal,
		});
		const text = directives.garbage ? "%% garbage: ][ not what was asked for {" : await write(options, prompt);
		return {
			content: [{ type: "text", text }],
			finishReason: { unified: "stop", raw: "stop" },
			usage: usageOf(prompt, text),
			warnings: [],
		};
	};
	return {
		specificationVersion: "v4",
		provider: "placeholder",
		modelId,
		supportedUrls: {},
		doGenerate: generate,
		async doStream(options) {
			return { stream: streamOf(await generate(options)) };
		},
	};
}

async function write(options: LanguageModelV4CallOptions, prompt: string): Promise<string> {
	const words = withoutDirectives(prompt);
	const photo = photoOf(options);
	const format = options.responseFormat;
	if (!photo && format?.type !== "json" && !listsStory(words)) {
		return answerAnything(withoutDirectives(lastWordsOf(options)));
	}
	const writer = photo
		? writeAboutPhoto(await see(photo), words, hashText(words) ^ hashBytes(photo))
		: writeStory(words, hashText(words));
	if (format?.type !== "json") return writer.sentence;
	return JSON.stringify(format.schema ? answerSchema(format.schema, writer) : { text: writer.sentence });
}

async function see(photo: Uint8Array) {
	try {
		return await lookAt(photo);
	} catch (cause) {
		if (cause instanceof DarkroomError) throw cause;
		throw new DarkroomError("invalid_input", { detail: "The picture cannot be read. Try another one.", cause });
	}
}

/** Everything said in the conversation, by whomever: a directive counts wherever it stands. */
function textOf({ prompt }: LanguageModelV4CallOptions): string {
	return prompt
		.flatMap((message) =>
			message.role === "system"
				? [message.content]
				: message.content.flatMap((part) => (part.type === "text" ? [part.text] : [])),
		)
		.join("\n");
}

/** What the user said last. */
function lastWordsOf({ prompt }: LanguageModelV4CallOptions): string {
	const last = prompt.findLast((message) => message.role === "user");
	return last?.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n") ?? "";
}

function photoOf({ prompt }: LanguageModelV4CallOptions): Uint8Array | undefined {
	const files: LanguageModelV4FilePart[] = prompt.flatMap((message) =>
		message.role === "user" ? message.content.filter((part) => part.type === "file") : [],
	);
	const data = files.find((file) => file.mediaType.startsWith("image"))?.data;
	if (data?.type !== "data") return undefined;
	return typeof data.data === "string" ? Buffer.from(data.data, "base64") : data.data;
}

function streamOf(result: LanguageModelV4GenerateResult): ReadableStream<LanguageModelV4StreamPart> {
	const text = result.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
	const parts: LanguageModelV4StreamPart[] = [
		{ type: "stream-start", warnings: [] },
		{ type: "text-start", id: "1" },
		...(text.match(/\s*\S+/g) ?? []).map((delta) => ({ type: "text-delta" as const, id: "1", delta })),
		{ type: "text-end", id: "1" },
		{ type: "finish", finishReason: result.finishReason, usage: result.usage },
	];
	return new ReadableStream({
		pull(controller) {
			const part = parts.shift();
			if (part) controller.enqueue(part);
			else controller.close();
		},
	});
}

/** About four characters a token, as vendors count English. */
function usageOf(prompt: string, text: string): LanguageModelV4Usage {
	const input = Math.ceil(prompt.length / 4);
	const output = Math.ceil(text.length / 4);
	return {
		inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
		outputTokens: { total: output, text: output, reasoning: 0 },
	};
}
