import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { z } from "zod";
import type { Darkroom } from "../engine/darkroom.ts";
import { defineJob } from "../engine/define-job.ts";
import { openTestServer } from "../http/http.testsuite.ts";
import { type ClientOptions, createClient, type DarkroomClient } from "./client.ts";
import type { Observable } from "./observable.ts";

/** A real Darkroom behind a real HTTP server, whose line to the client a test can cut. */
export interface Served {
	readonly darkroom: Darkroom;
	readonly baseUrl: string;
	/** Lets the next layer of a painting, or a drawing, be finished, by its name. */
	readonly paintLayer: (name: string) => void;
	/** What was asked for so far: `GET /jobs/x`, without `/api`. */
	readonly requests: readonly string[];
	/** How many were answered with this status. */
	readonly answered: (status: number) => number;
	/** Resolves when this many requests that begin so have come. */
	readonly untilRequests: (start: string, count?: number) => Promise<void>;
	/** Event streams open now. */
	readonly openStreams: () => number;
	/** Resolves when this many are open. */
	readonly untilStreams: (count: number) => Promise<void>;
	readonly dropStreams: () => void;
	/** What becomes of requests from now on. */
	readonly line: Line;
	readonly client: (options?: ClientOptions & { readonly viewer?: string | (() => string) }) => DarkroomClient;
	readonly close: () => Promise<void>;
}

export interface Line {
	/** `held`: answered only after `release`, as a proxy that buffers does. Default `open`. */
	streams: "open" | "refused" | "held";
	release: () => void;
	/** Nothing gets through at all. Default false. */
	isDown: boolean;
	/** The next request that begins so is carried out, but its answer is lost. Default: none. */
	loseAnswer: string | undefined;
}

const named = z.object({ name: z.string(), layers: z.number().int().default(2) });

/** A picture of several layers, each a step; one layer, one credit. */
export function paintingOf(gate: (name: string) => Promise<void>) {
	return defineJob({
		kind: "paint",
		input: named,
		output: z.object({ picture: z.string() }),
		credits: { price: ({ layers }) => layers },
		subject: ({ name }) => `painting:${name}`,
		async run({ input, step }) {
			for (let layer = 1; layer <= input.layers; layer++) {
				await step.run(`layer-${layer}`, () => gate(input.name));
			}
			return { picture: `${input.name} in ${input.layers} layers` };
		},
	});
}

/** A drawing, of which an owner has one at a time under way: the others wait in the queue. */
function drawingOf(gate: (name: string) => Promise<void>) {
	return defineJob({
		kind: "draw",
		input: z.object({ name: z.string() }),
		output: z.object({}),
		limits: { runningPerOwner: 1 },
		async run({ input, step }) {
			await step.run("line", () => gate(input.name));
			return {};
		},
	});
}

/** Gates by name: each `open` lets one `pass`, whichever comes first. */
function createGates() {
	const opened = new Map<string, number>();
	const waiting = new Map<string, (() => void)[]>();
	let areAllOpen = false;
	return {
		open(name: string) {
			const next = waiting.get(name)?.shift();
			if (next) next();
			else opened.set(name, (opened.get(name) ?? 0) + 1);
		},
		pass(name: string): Promise<void> {
			const count = opened.get(name) ?? 0;
			if (areAllOpen) return Promise.resolve();
			if (count > 0) {
				opened.set(name, count - 1);
				return Promise.resolve();
			}
			return new Promise((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));
		},
		openAll() {
			areAllOpen = true;
			for (const resolves of waiting.values()) for (const resolve of resolves) resolve();
		},
	};
}

/** A count that can be waited for. */
class Signal {
	readonly #looks = new Set<() => void>();
	notify(): void {
		for (const look of [...this.#looks]) look();
	}
	until(isTrue: () => boolean): Promise<void> {
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

export async function serve(): Promise<Served> {
	const gates = createGates();
	const test = await openTestServer({
		darkroom: { jobs: [paintingOf(gates.pass), drawingOf(gates.pass)] },
		handler: { viewer: ({ headers }) => headers.get("x-viewer") ?? viewerOfCookie(headers.get("cookie")) },
	});
	const requests: string[] = [];
	const statuses: number[] = [];
	const streams = new Set<ServerResponse>();
	const signal = new Signal();
	const line: Line = { streams: "open", release: () => {}, isDown: false, loseAnswer: undefined };

	async function exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		const name = `${incoming.method} ${incoming.url?.replace("/api", "")}`;
		requests.push(name);
		signal.notify();
		if (line.isDown) return void incoming.socket.destroy();
		const isStream = name.startsWith("GET /events");
		if (isStream && line.streams === "refused") return void outgoing.writeHead(502).end("<h1>No streams here</h1>");
		if (isStream && line.streams === "held") {
			await new Promise<void>((resolve) => {
				line.release = resolve;
				outgoing.on("close", resolve);
			});
		}
		const response = await test.handle(toRequest(incoming, outgoing));
		if (line.loseAnswer !== undefined && name.startsWith(line.loseAnswer)) {
			line.loseAnswer = undefined;
			return void incoming.socket.destroy();
		}
		statuses.push(response.status);
		outgoing.writeHead(response.status, Object.fromEntries(response.headers));
		if (isStream) {
			streams.add(outgoing);
			outgoing.on("close", () => {
				streams.delete(outgoing);
				signal.notify();
			});
			signal.notify();
		}
		if (!response.body) return void outgoing.end();
		const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
		body.on("error", () => outgoing.destroy());
		outgoing.on("close", () => body.destroy());
		body.pipe(outgoing);
	}

	const server = createServer((incoming, outgoing) => void exchange(incoming, outgoing));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;

	return {
		darkroom: test.darkroom,
		baseUrl,
		paintLayer: gates.open,
		requests,
		answered: (status) => statuses.filter((one) => one === status).length,
		untilRequests: (start, count = 1) =>
			signal.until(() => requests.filter((name) => name.startsWith(start)).length >= count),
		openStreams: () => streams.size,
		untilStreams: (count) => signal.until(() => streams.size === count),
		dropStreams: () => {
			for (const stream of streams) stream.destroy();
		},
		line,
		client: ({ viewer = "ada", ...options } = {}) =>
			createClient({
				baseUrl,
				fetch: (url, init) => {
					const headers = new Headers(init?.headers);
					headers.set("x-viewer", typeof viewer === "string" ? viewer : viewer());
					return fetch(url, { ...init, headers });
				},
				...options,
			}),
		close: async () => {
			gates.openAll();
			for (const stream of streams) stream.destroy();
			server.closeAllConnections();
			server.close();
			await test.close();
		},
	};
}

function viewerOfCookie(cookie: string | null): string | null {
	return /\bviewer=(\w+)/.exec(cookie ?? "")?.[1] ?? null;
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

/** Resolves with the state as soon as it matches, listening until then. */
export function until<State extends object>(
	watch: Observable<State>,
	matches: (state: State) => boolean,
): Promise<State> {
	return new Promise((resolve) => {
		const look = () => {
			const state = watch.getSnapshot();
			if (!matches(state)) return;
			resolve(state);
			// Once, and not while it is still being subscribed.
			queueMicrotask(() => leave());
		};
		const leave = watch.subscribe(look);
		look();
	});
}
