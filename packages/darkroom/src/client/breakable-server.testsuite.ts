import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { DarkroomError } from "../core/errors.ts";
import { answerProblem } from "../http/problem.ts";

type Handle = (request: Request) => Promise<Response>;

/** A real HTTP server round a handler, whose line to the client a test can cut. */
export class BreakableServer {
	/** What was asked for so far: `GET /jobs/x`, without `/api`. */
	readonly requests: string[] = [];
	/** Event streams are `held` when they are answered only after `release`, as by a proxy that buffers. */
	streams: "open" | "refused" | "held" = "open";
	release = () => {};
	/** Nothing gets through at all. */
	isDown = false;
	/** The server answers, but its store does not. */
	isStoreAway = false;
	/** The next request that begins so is carried out, but its answer is lost. */
	loseAnswer: string | undefined;
	readonly #handle: Handle;
	readonly #server: Server;
	readonly #statuses: number[] = [];
	readonly #open = new Set<ServerResponse>();
	readonly #looks = new Set<() => void>();

	constructor(handle: Handle) {
		this.#handle = handle;
		this.#server = createServer((incoming, outgoing) => void this.#exchange(incoming, outgoing));
		// After a pause of the whole process the server would end an idle connection just as the client asks something on it.
		this.#server.keepAliveTimeout = 0;
	}

	/** Resolves with where the handler is mounted. */
	async listen(): Promise<string> {
		await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api`;
	}

	/** How many requests were answered with this status. */
	answered(status: number): number {
		return this.#statuses.filter((one) => one === status).length;
	}

	/** Resolves when this many requests that begin so have come. */
	untilRequests(start: string, count = 1): Promise<void> {
		return this.#until(() => this.requests.filter((name) => name.startsWith(start)).length >= count);
	}

	/** Event streams open now. */
	get openStreams(): number {
		return this.#open.size;
	}

	/** Resolves when this many are open. */
	untilStreams(count: number): Promise<void> {
		return this.#until(() => this.#open.size === count);
	}

	dropStreams(): void {
		for (const stream of this.#open) stream.destroy();
	}

	close(): void {
		this.dropStreams();
		this.#server.closeAllConnections();
		this.#server.close();
	}

	async #exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		const name = `${incoming.method} ${incoming.url?.replace("/api", "")}`;
		this.requests.push(name);
		this.#notify();
		const isStream = name.startsWith("GET /events");
		if (this.isDown) {
			incoming.socket.destroy();
			return;
		}
		if (this.isStoreAway) {
			const away = new DarkroomError("store_unavailable", { detail: "The database cannot be used." });
			this.#statuses.push(away.status);
			send(answerProblem(away), outgoing);
			return;
		}
		if (isStream && this.streams === "refused") {
			outgoing.writeHead(502).end("<h1>No streams here</h1>");
			return;
		}
		if (isStream && this.streams === "held") await this.#hold(outgoing);
		const response = await this.#handle(toRequest(incoming, outgoing));
		if (this.loseAnswer !== undefined && name.startsWith(this.loseAnswer)) {
			this.loseAnswer = undefined;
			incoming.socket.destroy();
			return;
		}
		this.#statuses.push(response.status);
		if (isStream) this.#track(outgoing);
		send(response, outgoing);
	}

	#hold(outgoing: ServerResponse): Promise<void> {
		return new Promise((resolve) => {
			this.release = resolve;
			outgoing.on("close", resolve);
		});
	}

	#track(outgoing: ServerResponse): void {
		this.#open.add(outgoing);
		outgoing.on("close", () => {
			this.#open.delete(outgoing);
			this.#notify();
		});
		this.#notify();
	}

	#notify(): void {
		for (const look of [...this.#looks]) look();
	}

	#until(isTrue: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			const look = () => {
				if (!isTrue()) return;
				this.#looks.delete(look);
				resolve();
			};
			this.#looks.add(look);
			look();
		});
	}
}

function toRequest(incoming: IncomingMessage, outgoing: ServerResponse): Request {
	const { method = "GET", url = "/", headers } = incoming;
	const hasBody = method !== "GET" && method !== "HEAD";
	const gone = new AbortController();
	outgoing.on("close", () => gone.abort());
	return new Request(`http://${headers.host}${url}`, {
		method,
		headers: headers as Record<string, string>,
		body: hasBody ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null,
		signal: gone.signal,
		duplex: "half",
	} as RequestInit);
}

function send(response: Response, outgoing: ServerResponse): void {
	outgoing.writeHead(response.status, Object.fromEntries(response.headers));
	if (!response.body) {
		outgoing.end();
		return;
	}
	const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
	body.on("error", () => outgoing.destroy());
	outgoing.on("close", () => body.destroy());
	body.pipe(outgoing);
}
