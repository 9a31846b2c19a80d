import type {
	ImageModelV4,
	LanguageModelV4,
	LanguageModelV4CallOptions,
	LanguageModelV4Content,
	LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { classify } from "./failure.ts";
import type { CallNames } from "./idempotency.ts";
import type { ModelCall } from "./models.ts";
import { removeSecrets } from "./secrets.ts";
import { unusableImages, unusableText } from "./unusable.ts";

/**
 * A model as one job sees it. Round every call: the job's signal ends it, together with the caller's own; its
 * name goes out as `Idempotency-Key`; and what it throws, or delivers unusably, is an error of the taxonomy. The
 * AI SDK repeats only errors of its own classes, so ours never start a second, paid request behind our back.
 */
export interface Binding {
	readonly call: () => ModelCall;
	readonly names: CallNames;
	/** Keys that must not appear in an error. */
	readonly secrets: readonly string[];
}

export function bindLanguageModel(model: LanguageModelV4, binding: Binding): LanguageModelV4 {
	return {
		specificationVersion: "v4",
		provider: model.provider,
		modelId: model.modelId,
		get supportedUrls() {
			return model.supportedUrls;
		},
		doGenerate: (options) =>
			guard(binding, options, async (bound) => {
				const result = await model.doGenerate(bound);
				const failure = unusableText(result);
				if (failure) throw failure;
				return result;
			}),
		doStream: (options) =>
			guard(binding, options, async (bound) => {
				const result = await model.doStream(bound);
				return { ...result, stream: guardStream(binding, bound, result.stream) };
			}),
	};
}

export function bindImageModel(model: ImageModelV4, binding: Binding): ImageModelV4 {
	return {
		specificationVersion: "v4",
		provider: model.provider,
		modelId: model.modelId,
		maxImagesPerCall: model.maxImagesPerCall,
		get supportsFileInputs() {
			return model.supportsFileInputs;
		},
		get supportsMaskInputs() {
			return model.supportsMaskInputs;
		},
		doGenerate: (options) =>
			guard(binding, options, async (bound) => {
				const result = await model.doGenerate(bound);
				const failure = unusableImages(result);
				if (failure) throw failure;
				return result;
			}),
	};
}

interface CallOptions {
	readonly abortSignal?: AbortSignal;
	readonly headers?: Record<string, string | undefined>;
}

async function guard<Options extends CallOptions, Result>(
	binding: Binding,
	options: Options,
	send: (bound: Options & { readonly abortSignal: AbortSignal }) => Promise<Result>,
): Promise<Result> {
	const call = binding.call();
	const signal = options.abortSignal ? AbortSignal.any([call.signal, options.abortSignal]) : call.signal;
	signal.throwIfAborted();
	return binding.names.named(call.idempotencyKey, options, async (key) => {
		const headers = { ...options.headers, "Idempotency-Key": key };
		try {
			return await orAborted(send({ ...options, abortSignal: signal, headers }), signal);
		} catch (error) {
			throw translate(binding, signal, error);
		}
	});
}

/** Does not wait for a model that ignores its signal. */
function orAborted<Result>(answer: Promise<Result>, signal: AbortSignal): Promise<Result> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted) abort();
		signal.addEventListener("abort", abort, { once: true });
		answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
	});
}

function translate(binding: Binding, signal: AbortSignal, error: unknown): unknown {
	if (signal.aborted) return signal.reason;
	removeSecrets(error, binding.secrets);
	return classify(error);
}

/** The same promises for what arrives piece by piece: a fault on the way is an error part of the taxonomy. */
function guardStream(
	binding: Binding,
	{ abortSignal }: LanguageModelV4CallOptions & { readonly abortSignal: AbortSignal },
	stream: ReadableStream<LanguageModelV4StreamPart>,
): ReadableStream<LanguageModelV4StreamPart> {
	const reader = stream.getReader();
	const arrived: LanguageModelV4Content[] = [];
	return new ReadableStream({
		async pull(controller) {
			try {
				const { done, value } = await orAborted(reader.read(), abortSignal);
				if (done) return controller.close();
				if (value.type === "error") {
					return controller.enqueue({ type: "error", error: translate(binding, abortSignal, value.error) });
				}
				if (value.type === "text-delta") arrived.push({ type: "text", text: value.delta });
				else if (value.type === "tool-call" || value.type === "file") arrived.push(value);
				const failure =
					value.type === "finish" ? unusableText({ content: arrived, finishReason: value.finishReason }) : undefined;
				if (failure) controller.enqueue({ type: "error", error: failure });
				controller.enqueue(value);
			} catch (error) {
				controller.error(translate(binding, abortSignal, error));
				// The reader has its error; that the vendor's stream cannot be closed as well tells it nothing more.
				reader.cancel(error).catch(() => {});
			}
		},
		cancel: (reason) => reader.cancel(reason),
	});
}
