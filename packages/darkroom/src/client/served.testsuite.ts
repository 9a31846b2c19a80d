import { z } from "zod";
import type { Darkroom } from "../engine/darkroom.ts";
import { defineJob } from "../engine/define-job.ts";
import { openTestServer } from "../http/http.testsuite.ts";
import { BreakableServer } from "./breakable-server.testsuite.ts";
import { type ClientOptions, createClient, type DarkroomClient } from "./client.ts";
import { readyWithinMs } from "./event-connection.ts";
import type { ManualClock } from "./manual-clock.testsuite.ts";
import type { Observable } from "./observable.ts";

/** A real Darkroom behind a real server, and clients of it. */
export interface Served {
	readonly darkroom: Darkroom;
	readonly server: BreakableServer;
	readonly baseUrl: string;
	/** Lets the next layer of a painting, or a drawing, be finished, by its name. */
	readonly paintLayer: (name: string) => void;
	/** Resolves when the first step of this job of ada's has begun: until its gate opens it changes no more. */
	readonly untilBegun: (jobId: string) => Promise<void>;
	/** Resolves when the server has finished this job of ada's, whatever a client knows of it. */
	readonly untilFinished: (jobId: string) => Promise<void>;
	/** The viewer is ada unless said otherwise. */
	readonly client: (options?: ClientOptions & { readonly viewer?: string | (() => string) }) => DarkroomClient;
	readonly close: () => Promise<void>;
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

export async function serve(): Promise<Served> {
	const gates = createGates();
	const test = await openTestServer({
		darkroom: { jobs: [paintingOf(gates.pass), drawingOf(gates.pass)] },
		handler: { viewer: ({ headers }) => headers.get("x-viewer") ?? viewerOfCookie(headers.get("cookie")) },
	});
	const server = new BreakableServer(test.handle);
	const baseUrl = await server.listen();
	return {
		darkroom: test.darkroom,
		server,
		baseUrl,
		paintLayer: gates.open,
		untilBegun: async (jobId) => void (await test.until("ada", jobId, ({ steps }) => steps.length > 0)),
		untilFinished: async (jobId) => void (await test.finish("ada", jobId)),
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
			server.close();
			await test.close();
		},
	};
}

function viewerOfCookie(cookie: string | null): string | null {
	return /\bviewer=(\w+)/.exec(cookie ?? "")?.[1] ?? null;
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

/**
 * Resolves when the client's stream is open and has caught up: from then on time may pass. One that has not yet would be given
 * up, and begun anew without a cursor.
 */
export async function untilUp({ server }: Served, clock: ManualClock): Promise<void> {
	await server.untilStreams(1);
	await clock.untilNoTimer(readyWithinMs);
}

/** Resolves when the stream has failed once and the first round of polling is over: what happens now is seen by the next. */
export async function untilPolling(clock: ManualClock): Promise<void> {
	// The wait for the stream's next try, which begins together with the polling.
	await clock.untilTimer(500, 1_000);
	await clock.untilTimer(3_000);
}
