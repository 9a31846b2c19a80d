import type { AssetSnapshot, UploadAnswer } from "../http/protocol.ts";
import { fromAnswer, fromNetworkFailure } from "./problem-error.ts";
import { type Request, type RequestSettings, readJson } from "./request.ts";

export interface UploadOptions {
	/** Called with the share that is sent, 0 to 1. Only browsers can tell; elsewhere it is called once, with 1. */
	readonly onProgress?: (share: number) => void;
	/** Rejects with its reason when it aborts. */
	readonly signal?: AbortSignal;
}

/** @throws ProblemError `too_large`, `unsupported_image`, `unreadable_image`, `unauthenticated`, `offline` */
export async function upload(
	file: Blob,
	options: UploadOptions,
	request: Request,
	settings: RequestSettings,
): Promise<AssetSnapshot> {
	const body = new FormData();
	body.append("file", file);
	// `fetch` cannot tell how much of a body is sent; the older way can.
	if (options.onProgress && typeof XMLHttpRequest !== "undefined") {
		return sendWithProgress(body, options, settings);
	}
	// Node's fetch would read on from a form that is aborted before it is sent, and fail where nobody can handle it.
	options.signal?.throwIfAborted();
	const response = await request("POST", "/uploads", { body, signal: options.signal });
	options.onProgress?.(1);
	return (await readJson<UploadAnswer>(response)).asset;
}

function sendWithProgress(body: FormData, options: UploadOptions, settings: RequestSettings): Promise<AssetSnapshot> {
	return new Promise((resolve, reject) => {
		const { signal, onProgress } = options;
		if (signal?.aborted) return reject(signal.reason);
		const xhr = new XMLHttpRequest();
		const abort = () => xhr.abort();
		xhr.open("POST", `${settings.baseUrl}/uploads`);
		xhr.withCredentials = settings.credentials === "include";
		xhr.upload.onprogress = ({ lengthComputable, loaded, total }) => {
			if (lengthComputable && total > 0) onProgress?.(loaded / total);
		};
		xhr.onabort = () => reject(signal?.reason);
		xhr.onerror = () => reject(fromNetworkFailure(new TypeError("The upload broke off.")));
		xhr.onload = () => {
			if (xhr.status < 200 || xhr.status > 299) {
				return reject(fromAnswer(xhr.status, xhr.responseText, xhr.getResponseHeader("retry-after")));
			}
			onProgress?.(1);
			const answer = new Response(xhr.responseText, { status: xhr.status });
			readJson<UploadAnswer>(answer).then(({ asset }) => resolve(asset), reject);
		};
		xhr.onloadend = () => signal?.removeEventListener("abort", abort);
		signal?.addEventListener("abort", abort, { once: true });
		xhr.send(body);
	});
}
