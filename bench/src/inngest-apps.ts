import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createDarkroom, type Darkroom, type Store } from "darkroom";
import { inngest, inngestHandlers } from "darkroom/inngest";
import { Inngest, type InngestFunction } from "inngest";
import { serve } from "inngest/node";
import { countWrites } from "./count-writes.ts";
import { createSqlite } from "./databases.ts";
import { fiveSteps, grantAll, probe, stepNames } from "./five-steps.ts";

/** What an app and Inngest asked of each other. */
export interface Traffic {
	/** Requests that Inngest made to the app. */
	calls: number;
	/** Requests that the app made to Inngest: events and checkpoints. */
	requests: number;
}

/** An app that Inngest calls, with its client. */
interface Served {
	readonly client: Inngest;
	readonly traffic: Traffic;
	close(): Promise<void>;
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** As both run: several steps within a call, each of which is kept as it ends. */
const checkpointing = { maxRuntime: "50s", bufferedSteps: 1 } as const;

/** Resolves when Inngest knows the functions that `make` makes of the app's client, and may call them. */
async function serveApp(
	name: string,
	serverUrl: string,
	make: (client: Inngest) => readonly InngestFunction.Any[],
): Promise<Served> {
	const traffic: Traffic = { calls: 0, requests: 0 };
	const counted = (url: string | URL | Request, init?: RequestInit) => {
		traffic.requests++;
		return fetch(url, init);
	};
	const id = `${name}-${randomBytes(4).toString("hex")}`;
	const client = new Inngest({ id, isDev: true, baseUrl: serverUrl, eventKey: "bench", logger: quiet, fetch: counted });
	const answer = serve({ client, functions: make(client) });
	const server = createServer((request, response) => {
		if (request.method === "POST") traffic.calls++;
		void answer(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/inngest`;
	const registered = await fetch(url, { method: "PUT", headers: { "x-inngest-server-kind": "dev" } });
	if (!registered.ok) throw new Error(`Inngest at ${serverUrl} did not take the functions: ${await registered.text()}`);
	return { client, traffic, close: () => close(server, serverUrl, url) };
}

/** A server that lives on should not keep an app that is gone; not every one knows the request. */
async function close(server: Server, serverUrl: string, url: string): Promise<void> {
	await fetch(`${serverUrl}/fn/remove?url=${encodeURIComponent(url)}`, { method: "DELETE" }).catch(() => undefined);
	server.closeAllConnections();
	await new Promise<void>((resolve) => server.close(() => resolve()));
}

export interface BareApp {
	readonly traffic: Traffic;
	/** Sends so many events in one request, the fewest that there can be, and resolves when all runs have ended. */
	run(count: number): Promise<void>;
	close(): Promise<void>;
}

/** Five steps as Inngest alone runs them: the same work as `fiveSteps`, with nothing of Darkroom. */
export async function serveBare(serverUrl: string): Promise<BareApp> {
	let left = 0;
	let ended = Promise.withResolvers<void>();
	const name = `bench/five-steps-${randomBytes(4).toString("hex")}`;
	const { client, traffic, close } = await serveApp("bare-bench", serverUrl, (own) => [
		own.createFunction({ id: "five-steps", triggers: [{ event: name }], checkpointing }, async ({ event, step }) => {
			const { n } = event.data as { n: number };
			let sum = 0;
			for (let index = 0; index < stepNames.length; index++) {
				sum += await step.run(stepNames[index] as string, () => {
					if (index === 0) probe.onFirstStep(n);
					return n + index;
				});
			}
			if (--left === 0) ended.resolve();
			return { sum };
		}),
	]);
	return {
		traffic,
		close,
		async run(count) {
			left = count;
			ended = Promise.withResolvers();
			await client.send(Array.from({ length: count }, (_, n) => ({ name, data: { n } })));
			await ended.promise;
		},
	};
}

export interface DarkroomApp {
	readonly darkroom: Darkroom;
	readonly store: Store;
	readonly traffic: Traffic;
	/** How often each transition was asked of the store. */
	readonly writes: ReadonlyMap<string, number>;
	close(): Promise<void>;
}

/** Darkroom on Inngest with the engine's own settings, on SQLite. */
export async function serveDarkroom(serverUrl: string, owners: number, credits: number): Promise<DarkroomApp> {
	const database = createSqlite();
	const { store, writes } = countWrites(database.connect());
	const opened = Promise.withResolvers<Darkroom>();
	const { traffic, close } = await serveApp("darkroom-bench", serverUrl, (client) => {
		const darkroom = createDarkroom({ jobs: [fiveSteps], store, engine: inngest({ client }) });
		opened.resolve(darkroom);
		return inngestHandlers(darkroom).functions;
	});
	const darkroom = await opened.promise;
	await darkroom.start();
	await grantAll(darkroom, owners, credits);
	return {
		darkroom,
		store,
		traffic,
		writes,
		async close() {
			await darkroom.stop();
			await close();
			await database.remove();
		},
	};
}
