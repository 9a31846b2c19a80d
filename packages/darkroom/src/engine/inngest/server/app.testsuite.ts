import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest } from "inngest";
import { serve } from "inngest/node";
import { createDarkroom } from "../../../create-darkroom.ts";
import { sqlite } from "../../../store/sqlite/index.ts";
import type { Store } from "../../../store/store.ts";
import { Activity } from "../../../testing/inngest/activity.testsuite.ts";
import type { Darkroom } from "../../darkroom.ts";
import type { AnyJobDefinition } from "../../define-job.ts";
import { inngest, inngestHandlers } from "../index.ts";
import type { InngestOptions } from "../options.ts";

/** A logger of the SDK that says nothing. */
export const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface AppOptions {
	/** Of the database's file. */
	readonly path: string;
	readonly jobs: readonly AnyJobDefinition[];
	/** Of Inngest's server. */
	readonly serverUrl: string;
	/** What Inngest knows the app by. */
	readonly id: string;
	/** Where it is called. Default: nowhere, it only submits, sends and watches. `0`: a free port. */
	readonly port?: number;
	/** Default: the engine's own, but waits of half a second and more are Inngest's. */
	readonly engine?: Omit<InngestOptions, "client">;
}

/** An app on Inngest, by the machine's time, and what goes between the two. */
export interface App {
	readonly darkroom: Darkroom;
	readonly store: Store;
	/** Where Inngest calls it. */
	readonly url: string;
	/** Names of the functions that were called, without the app's, in order. */
	readonly calls: readonly string[];
	/** Bodies of the requests whose events Inngest has taken, in order: each a list of events. */
	readonly taken: readonly SentEvent[][];
	/** Resolves as soon as it is true; it is looked at after each call and each send. */
	until(isTrue: () => boolean): Promise<void>;
	/** Events as they are, past Darkroom. */
	send(events: readonly SentEvent[]): Promise<void>;
	close(): Promise<void>;
}

export interface SentEvent {
	readonly name: string;
	readonly id: string;
	readonly data: { readonly jobId: string; readonly owner: string };
	readonly ts: number;
}

/** Lower case with dashes, and like no other: a server that runs for long knows the apps of other tests. */
export function unique(name: string): string {
	return `${name}-${randomBytes(6).toString("hex")}`;
}

export async function openApp({ path, jobs, serverUrl, id, port, engine }: AppOptions): Promise<App> {
	const activity = new Activity();
	const calls: string[] = [];
	const taken: SentEvent[][] = [];
	const tapped = async (url: string | URL | Request, init?: RequestInit) => {
		const answer = await fetch(url, init);
		if (answer.ok && String(url).includes("/e/")) {
			taken.push(JSON.parse(String(init?.body)) as SentEvent[]);
			activity.changed();
		}
		return answer;
	};
	const client = new Inngest({ id, isDev: true, baseUrl: serverUrl, eventKey: "tests", logger: quiet, fetch: tapped });
	const store = sqlite(path);
	const darkroom = createDarkroom({ jobs, store, engine: inngest({ client, longWait: "500ms", ...engine }) });
	await darkroom.start();
	let server: Server | undefined;
	let url = "";
	if (port !== undefined) {
		const answer = serve(inngestHandlers(darkroom));
		server = createServer((request, response) => {
			const named = new URL(request.url ?? "/", "http://app").searchParams.get("fnId");
			if (named) calls.push(named.slice(id.length + 1));
			activity.changed();
			void answer(request, response);
		});
		url = await listen(server, port);
	}
	return {
		darkroom,
		store,
		url,
		calls,
		taken,
		until: (isTrue) => activity.until(isTrue),
		send: async (events) => void (await client.send([...events])),
		async close() {
			await darkroom.stop({ graceMs: 0 });
			if (url) await forget(serverUrl, url);
			server?.closeAllConnections();
			server?.close();
		},
	};
}

/** Has Inngest learn the app's functions, as `inngest dev -u` would. */
export async function register(appUrl: string): Promise<void> {
	const answer = await fetch(appUrl, { method: "PUT", headers: { "x-inngest-server-kind": "dev" } });
	if (!answer.ok) throw new Error(`${appUrl} did not register: ${answer.status} ${await answer.text()}`);
}

/** A server that lives on should not keep an app that is gone. Not every one knows the request, and no test depends on it. */
export async function forget(serverUrl: string, appUrl: string): Promise<void> {
	const request = fetch(`${serverUrl}/fn/remove?url=${encodeURIComponent(appUrl)}`, { method: "DELETE" });
	await request.catch(() => undefined);
}

async function listen(server: Server, port: number): Promise<string> {
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject).listen(port, "127.0.0.1", resolve);
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/inngest`;
}
