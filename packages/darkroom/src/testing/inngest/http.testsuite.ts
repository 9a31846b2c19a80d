import { type IncomingMessage, request, type ServerResponse } from "node:http";

export interface HttpAnswer {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	readonly body: string;
}

/** Asks on a connection of its own, as the real server does: an app that was down is not mistaken for a stale connection. */
export function ask(
	method: "POST" | "PUT",
	url: string,
	body: string,
	headers: Readonly<Record<string, string>>,
	signal: AbortSignal,
): Promise<HttpAnswer> {
	return new Promise((resolve, reject) => {
		const sent = { ...headers, "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
		const outgoing = request(url, { method, headers: sent, agent: false, signal }, (incoming) => {
			readText(incoming).then((text) => {
				resolve({ status: incoming.statusCode ?? 0, headers: plain(incoming.headers), body: text });
			}, reject);
		});
		outgoing.on("error", reject);
		outgoing.end(body);
	});
}

export async function readText(incoming: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString("utf8");
}

export function answerJson(outgoing: ServerResponse, status: number, value: unknown): void {
	outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function plain(headers: IncomingMessage["headers"]): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
