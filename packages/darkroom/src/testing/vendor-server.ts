import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonSchema } from "../models/placeholder/answer.ts";
import { type Answer, type Asked, answerAs, type Behaviour, type Wire } from "./vendor-answers.ts";

/**
 * A model vendor on this machine. It speaks OpenAI's wire (`/v1/responses`, `/v1/images/…`), Gemini's
 * (`/v1beta/models/…:generateContent`) and KIE's (`/kie/{model}/v1/chat/completions`, `…/images/…`), so that tests
 * run the real provider packages; it misbehaves on demand, and it keeps what it was sent.
 */
export interface VendorServer {
	/** What to give as `baseURL` for each vendor. */
	readonly baseURLs: Readonly<Record<Wire, string>>;
	/** Everything received, in order. */
	readonly requests: readonly VendorRequest[];
	/** The next requests are answered so, one each, and those after them well. */
	behave(...behaviours: readonly (Behaviour | PlannedAnswer)[]): void;
	/** Resolves when no request hangs: each that did has been given up by its sender. */
	gaveUp(): Promise<void>;
	/** Resolves with the next request as soon as all of it has come. */
	nextRequest(): Promise<VendorRequest>;
	/** Cuts what is open and stops. */
	close(): Promise<void>;
}

/** A behaviour with headers of its own, such as `Retry-After`. */
export interface PlannedAnswer {
	readonly behaviour: Behaviour;
	readonly headers?: Readonly<Record<string, string>>;
}

export interface VendorRequest {
	readonly wire: Wire;
	readonly path: string;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	/** The JSON body, or the fields of a form; a form's files are in `files`. */
	readonly body: Readonly<Record<string, unknown>>;
	readonly files: readonly { readonly field: string; readonly type: string; readonly bytes: Uint8Array }[];
}

/** A picture of one grey pixel, as PNG. */
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNoaGgAAAMEAYFL09IQAAAAAElFTkSuQmCC";

/** @param options `picture`: what is delivered for a picture, in base64. Default: one grey pixel. */
export async function startVendorServer(options: { readonly picture?: string } = {}): Promise<VendorServer> {
	const plan: PlannedAnswer[] = [];
	const requests: VendorRequest[] = [];
	const waiting: ((request: VendorRequest) => void)[] = [];
	const hanging = new Set<ServerResponse>();
	const idle: (() => void)[] = [];

	const server = createServer((incoming, outgoing) => {
		receive(incoming)
			.then((request) => {
				requests.push(request);
				for (const resolve of waiting.splice(0)) resolve(request);
				const planned = plan.shift() ?? { behaviour: "works" as const };
				if (planned.behaviour === "hang") {
					hanging.add(outgoing);
					outgoing.on("close", () => {
						hanging.delete(outgoing);
						if (hanging.size === 0) for (const resolve of idle.splice(0)) resolve();
					});
				} else reply(outgoing, planned, toAsked(request, options.picture ?? pixel));
			})
			.catch((error: Error) => outgoing.destroy(error));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

	return {
		baseURLs: { openai: `${origin}/v1`, google: `${origin}/v1beta`, kie: `${origin}/kie/{model}/v1` },
		requests,
		behave(...behaviours) {
			plan.splice(0);
			plan.push(...behaviours.map((one) => (typeof one === "string" ? { behaviour: one } : one)));
		},
		gaveUp: () => new Promise((resolve) => (hanging.size === 0 ? resolve() : idle.push(resolve))),
		nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
		close: () =>
			new Promise((resolve, reject) => {
				server.close((error) => (error ? reject(error) : resolve()));
				server.closeAllConnections();
			}),
	};
}

async function receive(incoming: IncomingMessage): Promise<VendorRequest> {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk as Buffer);
	const bytes = Buffer.concat(chunks);
	const path = incoming.url ?? "/";
	const wire = path.startsWith("/v1beta/") ? "google" : path.startsWith("/kie/") ? "kie" : "openai";
	const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
	const type = headers["content-type"] ?? "";
	if (!type.startsWith("multipart/form-data")) {
		return { wire, path, headers, body: JSON.parse(bytes.toString("utf8") || "{}"), files: [] };
	}
	const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
	const body: Record<string, unknown> = {};
	const files: { field: string; type: string; bytes: Uint8Array }[] = [];
	for (const [field, value] of form) {
		if (typeof value === "string") body[field] = value;
		else files.push({ field, type: value.type, bytes: new Uint8Array(await value.arrayBuffer()) });
	}
	return { wire, path, headers, body, files };
}

interface GoogleConfig {
	readonly responseJsonSchema?: JsonSchema;
	readonly responseSchema?: JsonSchema;
	readonly responseModalities?: readonly string[];
}

function toAsked({ wire, path, headers, body }: VendorRequest, picture: string): Asked {
	const google = (body.generationConfig ?? {}) as GoogleConfig;
	const format = (body.text as { format?: { schema?: JsonSchema } } | undefined)?.format;
	const chatFormat = body.response_format as { json_schema?: { schema?: JsonSchema } } | undefined;
	return {
		wire,
		task: path.includes("/images/") || google.responseModalities?.includes("IMAGE") ? "image" : "text",
		prompt: JSON.stringify(body.prompt ?? body.input ?? body.messages ?? body.contents ?? ""),
		apiKey: headers["x-goog-api-key"] ?? headers.authorization?.replace(/^Bearer /, "") ?? "",
		model: /models\/([^:/]+)/.exec(path)?.[1] ?? String(body.model ?? ""),
		schema: format?.schema ?? chatFormat?.json_schema?.schema ?? google.responseJsonSchema ?? google.responseSchema,
		count: Number(body.n ?? 1),
		picture,
	};
}

function reply(outgoing: ServerResponse, planned: PlannedAnswer, asked: Asked): void {
	if (planned.behaviour === "drop") {
		outgoing.destroy();
		return;
	}
	const answer: Answer = answerAs(planned.behaviour, asked);
	const length = String(Buffer.byteLength(answer.body));
	outgoing.writeHead(answer.status, { "content-length": length, ...answer.headers, ...planned.headers });
	if (planned.behaviour !== "truncate") outgoing.end(answer.body);
	else outgoing.write(answer.body.slice(0, answer.body.length / 2), () => outgoing.destroy());
}
