import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { z } from "zod";
import { files } from "../assets/files.ts";
import { DarkroomError } from "../core/errors.ts";
import { isFinal } from "../core/status.ts";
import { createDarkroom, type DarkroomOptions } from "../create-darkroom.ts";
import type { Darkroom } from "../engine/darkroom.ts";
import { defineJob } from "../engine/define-job.ts";
import { sqlite } from "../store/sqlite/index.ts";
import { createHandler, type HandlerOptions } from "./handler.ts";
import type { JobSnapshot } from "./protocol.ts";

/**
 * What the tests of this folder stand on: a real Darkroom on SQLite and files in a folder of its own, and its
 * handler, called as a browser would. The viewer is whoever `x-viewer` names.
 */
export interface TestServer {
	readonly darkroom: Darkroom;
	readonly databasePath: string;
	readonly handle: (request: Request) => Promise<Response>;
	/** `body` is sent as JSON unless it is a stream or a form. */
	readonly call: (viewer: string | null, method: string, path: string, init?: CallInit) => Promise<Response>;
	readonly submit: (viewer: string, kind: string, input: unknown) => Promise<JobSnapshot>;
	/** Resolves with the job when it matches. It may be shown only as it is later. */
	readonly until: (viewer: string, jobId: string, matches: (job: JobSnapshot) => boolean) => Promise<JobSnapshot>;
	/** Resolves with the job when it is final. */
	readonly finish: (viewer: string, jobId: string) => Promise<JobSnapshot>;
	/** Lets every job that waits go on to its end. */
	readonly openGate: () => void;
	readonly close: () => Promise<void>;
}

export interface CallInit {
	readonly body?: unknown;
	/** Those that are undefined are not sent. */
	readonly headers?: Readonly<Record<string, string | undefined>>;
	readonly signal?: AbortSignal;
}

export interface TestServerOptions {
	readonly darkroom?: Partial<DarkroomOptions>;
	readonly handler?: Partial<HandlerOptions>;
	/** Default true. False leaves that to whoever asks first. */
	readonly isStarted?: boolean;
}

export async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
	const folder = await mkdtemp(join(tmpdir(), "darkroom-http-"));
	const databasePath = join(folder, "darkroom.db");
	const gate = Promise.withResolvers<void>();
	const darkroom = createDarkroom({
		jobs: testJobs(gate.promise),
		store: sqlite(databasePath),
		assets: files(join(folder, "assets")),
		...options.darkroom,
	});
	if (options.isStarted !== false) await darkroom.start();
	const handle = createHandler(darkroom, {
		viewer: (request) => request.headers.get("x-viewer"),
		...options.handler,
	});
	const call: TestServer["call"] = (viewer, method, path, init = {}) => handle(toRequest(viewer, method, path, init));
	return {
		darkroom,
		databasePath,
		handle,
		call,
		submit: async (viewer, kind, input) => {
			const response = await call(viewer, "POST", `/jobs/${kind}`, { body: { input } });
			if (response.status !== 202) throw new Error(`${kind} was not accepted: ${await response.text()}`);
			return ((await response.json()) as { job: JobSnapshot }).job;
		},
		until: (viewer, jobId, matches) => untilJob(darkroom, viewer, jobId, matches),
		finish: (viewer, jobId) => untilJob(darkroom, viewer, jobId, ({ status }) => isFinal(status)),
		openGate: gate.resolve,
		close: async () => {
			gate.resolve();
			await darkroom.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/**
 * `echo` ends at once; `wait` and `illustrate` when the gate opens, the second one at a time for each story;
 * `refuse` never succeeds; `develop` takes an asset.
 */
function testJobs(gate: Promise<void>) {
	const text = z.object({ text: z.string().max(200_000) });
	const nothing = z.object({});
	const run = async ({ signal }: { readonly signal: AbortSignal }) => {
		const aborted = new Promise<never>((_, reject) => {
			signal.addEventListener("abort", () => reject(signal.reason), { once: true });
		});
		await Promise.race([gate, aborted]);
		return {};
	};
	return [
		defineJob({ kind: "echo", input: text, output: text, run: async ({ input }) => input }),
		defineJob({
			kind: "wait",
			input: z.object({ pages: z.number().int().min(1).default(1) }),
			output: nothing,
			credits: { price: ({ pages }) => pages },
			limits: { activePerOwner: 2 },
			run,
		}),
		defineJob({
			kind: "illustrate",
			input: z.object({ story: z.string() }),
			output: nothing,
			subject: ({ story }) => `story:${story}`,
			run,
		}),
		defineJob({
			kind: "refuse",
			input: nothing,
			output: nothing,
			run: async () => {
				throw new DarkroomError("moderated", { detail: "The model refuses to draw this." });
			},
		}),
		defineJob({
			kind: "develop",
			input: z.object({ photo: z.string() }),
			output: nothing,
			assets: ({ photo }) => [photo],
			run: async () => ({}),
		}),
	];
}

function toRequest(viewer: string | null, method: string, path: string, init: CallInit): Request {
	const headers = new Headers();
	for (const [name, value] of Object.entries(init.headers ?? {})) if (value !== undefined) headers.set(name, value);
	if (viewer !== null) headers.set("x-viewer", viewer);
	const isRaw = init.body instanceof FormData || init.body instanceof ReadableStream || typeof init.body === "string";
	if (init.body !== undefined && !(init.body instanceof FormData) && !headers.has("content-type")) {
		headers.set("content-type", "application/json");
	}
	const body = isRaw ? (init.body as BodyInit) : init.body === undefined ? null : JSON.stringify(init.body);
	const signal = init.signal ?? null;
	return new Request(`http://app.test/api${path}`, { method, headers, body, signal, duplex: "half" } as RequestInit);
}

function untilJob(
	darkroom: Darkroom,
	viewer: string,
	jobId: string,
	matches: (job: JobSnapshot) => boolean,
): Promise<JobSnapshot> {
	const { promise, resolve, reject } = Promise.withResolvers<JobSnapshot>();
	const look = (job: JobSnapshot) => {
		if (job.id === jobId && matches(job)) resolve(job);
	};
	const watch = darkroom.watch({
		viewer,
		onJob: look,
		onEnd: () => reject(new Error("The watch ended before the job did.")),
	});
	// It may have matched before the watch began, which then does not show it.
	watch.ready.then(() => darkroom.getJob({ viewer, jobId })).then(look, reject);
	return promise.finally(() => watch.stop());
}

/** Any program can wait for one event of a stream: `next()` resolves with it, or undefined when the stream ended. */
export interface EventReader {
	next(): Promise<TestEvent | undefined>;
	/** All events up to and with the first that matches. */
	until(matches: (event: TestEvent) => boolean): Promise<TestEvent[]>;
	/** All events that are left, to the stream's end. */
	rest(): Promise<TestEvent[]>;
	cancel(): Promise<void>;
}

export interface TestEvent {
	/** `comment` for a heartbeat, `retry` for the opening line. */
	readonly event: string;
	readonly id: string;
	readonly job: JobSnapshot | undefined;
}

export function readEvents(response: Response): EventReader {
	if (!response.body) throw new Error("The answer has no body.");
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	let text = "";
	const next = async (): Promise<TestEvent | undefined> => {
		for (let end = text.indexOf("\n\n"); ; end = text.indexOf("\n\n")) {
			if (end >= 0) {
				const block = text.slice(0, end);
				text = text.slice(end + 2);
				return parseEvent(block);
			}
			const { done, value } = await reader.read();
			if (done) return undefined;
			text += value;
		}
	};
	const until = async (matches: (event: TestEvent) => boolean) => {
		const events: TestEvent[] = [];
		for (let event = await next(); event; event = await next()) {
			events.push(event);
			if (matches(event)) return events;
		}
		throw new Error("The stream ended before the event that was waited for.");
	};
	const rest = async () => {
		const events: TestEvent[] = [];
		for (let event = await next(); event; event = await next()) events.push(event);
		return events;
	};
	return { next, until, rest, cancel: () => reader.cancel() };
}

function parseEvent(block: string): TestEvent {
	const fields = new Map(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
	if (fields.has("")) return { event: "comment", id: "", job: undefined };
	if (fields.has("retry")) return { event: "retry", id: "", job: undefined };
	const data = JSON.parse(fields.get("data") ?? "{}") as { job?: JobSnapshot };
	return { event: fields.get("event") ?? "message", id: fields.get("id") ?? "", job: data.job };
}

/** A photo of one colour, as a phone would send it. */
export async function testPhoto(width = 800): Promise<Blob> {
	const bytes = await sharp({ create: { width, height: width, channels: 3, background: "teal" } })
		.jpeg()
		.toBuffer();
	return new Blob([new Uint8Array(bytes)], { type: "image/jpeg" });
}

/** A form with `file`, as a browser sends it. */
export function formWith(file: Blob, name = "photo.jpg"): FormData {
	const form = new FormData();
	form.set("file", file, name);
	return form;
}
