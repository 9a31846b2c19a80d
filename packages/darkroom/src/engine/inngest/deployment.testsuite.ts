import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { serve } from "inngest/node";
import type { Darkroom } from "../darkroom.ts";
import { inngestHandlers } from "./index.ts";

interface App {
	readonly darkroom: Darkroom;
	readonly sockets: Set<Socket>;
}

/** Processes of one app behind one address, where Inngest calls them as through a load balancer. */
export class Deployment {
	/** Those that may be called, the latest last. */
	#apps: App[] = [];
	readonly #server = createServer((request, response) => this.#answer(request, response));
	#url: Promise<string> | undefined;
	/** Kinds of the process whose functions Inngest knows. */
	#registered = "";
	/** Whether calls reach a process. */
	isReachable = true;
	/** Whether Inngest may still call functions of earlier versions. */
	#hasEarlier = false;
	/** Calls that came, and connections of calls that ended. */
	happened = 0;

	/** Where it is called, from the first time on that it is asked. */
	get url(): Promise<string> {
		this.#url ??= new Promise((resolve) => {
			this.#server.listen(0, "127.0.0.1", () => {
				resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/inngest`);
			});
		});
		return this.#url;
	}

	/** Calls go to this process from now on. The result ends it as a crash does: what is on its way to it is cut off. */
	add(darkroom: Darkroom): () => void {
		const app: App = { darkroom, sockets: new Set() };
		this.#apps.push(app);
		return () => {
			this.#apps = this.#apps.filter((other) => other !== app);
			for (const socket of app.sockets) socket.destroy();
		};
	}

	/** Has Inngest learn the functions of the process that it calls, unless it knows them. */
	async register(learn: (url: string) => Promise<void>): Promise<void> {
		const kinds = [...(this.#apps.at(-1)?.darkroom.definitions.keys() ?? [])].join(" ");
		if (kinds === this.#registered || kinds === "") return;
		await learn(await this.url);
		this.#registered = kinds;
	}

	/** Between two tests: cuts off what is under way, and what comes next is another version of the app. */
	clear(): void {
		this.#apps = [];
		this.#hasEarlier = true;
		this.#registered = "";
		this.#server.closeAllConnections();
	}

	async close(): Promise<void> {
		if (!this.#url) return;
		this.#server.closeAllConnections();
		await new Promise<void>((resolve) => this.#server.close(() => resolve()));
	}

	/** By a process that lives. */
	#answer(request: IncomingMessage, response: ServerResponse): void {
		const app = this.#apps.at(-1);
		if (!app || !this.isReachable) {
			request.socket.destroy();
			return;
		}
		const handlers = inngestHandlers(app.darkroom);
		if (this.#hasEarlier && isForAnother(request, handlers)) {
			// A run that another test has left behind: the SDK's own answer would have Inngest ask twenty times more.
			response.writeHead(404, { "x-inngest-no-retry": "true" }).end('"gone"');
			return;
		}
		this.happened++;
		response.once("close", () => this.happened++);
		app.sockets.add(request.socket);
		request.socket.once("close", () => app.sockets.delete(request.socket));
		void serve(handlers)(request, response);
	}
}

/** Whether it calls a function that is not one of these. */
function isForAnother(
	{ url = "/" }: IncomingMessage,
	{ client, functions }: ReturnType<typeof inngestHandlers>,
): boolean {
	const called = new URL(url, "http://app").searchParams.get("fnId");
	return called !== null && !functions.some((one) => called.replace(/-failure$/, "") === one.id(client.id));
}
