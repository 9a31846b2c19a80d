import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Inngest } from "inngest";
import { serve } from "inngest/node";
import type { Clock } from "../../core/clock.ts";
import { createDarkroom } from "../../create-darkroom.ts";
import { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import type { Darkroom } from "../darkroom.ts";
import type { CreateEngine, EngineOptions, EngineProcess, EngineUnderTest } from "../suite/rig.testsuite.ts";
import { settle } from "../suite/settle.testsuite.ts";
import { inngest, inngestHandlers } from "./index.ts";

/** Turns of the event loop in which something comes of what is on its way within this machine, and what they take at least. */
const quietTurns = 80;
const quietMs = 2;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
/** Where the client believes Inngest to be: the server has no address before it listens. */
const anywhere = "http://inngest.test";

export interface InngestUnderTestOptions {
	/** Whether several steps may run within one call. Default: true, as the SDK has it. */
	readonly checkpointing?: boolean;
}

/** Darkroom on Inngest as the suite wants it: one Inngest, and any number of processes that it may call. */
export function createInngest(options: InngestUnderTestOptions = {}): CreateEngine {
	return () => new InngestUnderTest(options);
}

interface App {
	readonly darkroom: Darkroom;
	readonly sockets: Set<Socket>;
}

export class InngestUnderTest implements EngineUnderTest {
	/** Inngest calls the same run again. */
	readonly attemptAfterCrash = 1;
	readonly #options: InngestUnderTestOptions;
	readonly #clock = new SharedClock();
	/** Those that Inngest may call, the latest last. */
	#apps: App[] = [];
	#begun: Promise<{ readonly server: InngestServer; readonly app: Server; readonly url: string }> | undefined;
	#server: InngestServer | undefined;
	#synced = "";

	constructor(options: InngestUnderTestOptions) {
		this.#options = options;
	}

	settle = async (): Promise<void> => {
		for (;;) {
			const calls = this.#server?.calls.length;
			const since = performance.now();
			await settle(quietTurns);
			if (this.#server?.calls.length === calls && performance.now() - since >= quietMs) return;
		}
	};

	/** The server, once a process has been opened. */
	async server(): Promise<InngestServer> {
		return (await this.#begin()).server;
	}

	open({ jobs, store, clock, logger, concurrency, leaseMs }: EngineOptions): EngineProcess {
		this.#clock.use(clock);
		const fetch = (url: string | URL | Request, init?: RequestInit) => this.#fetch(String(url), init);
		const client = new Inngest({ id: "tests", isDev: true, baseUrl: anywhere, eventKey: "key", logger: quiet, fetch });
		const darkroom = createDarkroom({ jobs, store, clock, logger, engine: inngest({ client, lease: leaseMs }) });
		const app: App = { darkroom, sockets: new Set() };
		if (concurrency > 0) this.#apps.push(app);
		return {
			darkroom,
			crash: () => {
				this.#apps = this.#apps.filter((other) => other !== app);
				for (const socket of app.sockets) socket.destroy();
			},
		};
	}

	async close(): Promise<void> {
		const begun = await this.#begun;
		if (!begun) return;
		await begun.server.stop();
		begun.app.closeAllConnections();
		await new Promise<void>((resolve) => begun.app.close(() => resolve()));
	}

	#begin() {
		this.#begun ??= (async () => {
			const app = createServer((request, response) => this.#answer(request, response));
			await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
			const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/api/inngest`;
			const { checkpointing = true } = this.#options;
			this.#server = await InngestServer.start({ clock: this.#clock, checkpointing });
			return { server: this.#server, app, url };
		})();
		return this.#begun;
	}

	/** As a load balancer would: to a process that lives. */
	#answer(request: IncomingMessage, response: ServerResponse): void {
		const app = this.#apps.at(-1);
		if (!app) {
			request.socket.destroy();
			return;
		}
		app.sockets.add(request.socket);
		request.socket.once("close", () => app.sockets.delete(request.socket));
		void serve(inngestHandlers(app.darkroom))(request, response);
	}

	/** The client's way to the server, which knows the functions of the latest process before it takes an event. */
	async #fetch(url: string, init: RequestInit | undefined): Promise<Response> {
		const { server } = await this.#begin();
		if (url.includes("/e/")) await this.#sync();
		return fetch(url.replace(anywhere, server.url), init);
	}

	async #sync(): Promise<void> {
		const kinds = [...(this.#apps.at(-1)?.darkroom.definitions.keys() ?? [])].join(" ");
		if (kinds === this.#synced || kinds === "") return;
		const { server, url } = await this.#begin();
		await server.sync(url);
		this.#synced = kinds;
	}
}

/** The clock of the process that was opened last, which takes over what another one has left. */
class SharedClock implements Clock {
	#current: Clock | undefined;
	readonly #timers = new Set<{ readonly dueAt: number; readonly callback: () => void; cancel: () => void }>();

	use(clock: Clock): void {
		this.#current = clock;
		for (const timer of this.#timers) {
			timer.cancel();
			timer.cancel = clock.after(timer.dueAt - clock.now(), timer.callback);
		}
	}

	now(): number {
		return this.#used.now();
	}

	after(delayMs: number, callback: () => void): () => void {
		const timer = {
			dueAt: this.now() + delayMs,
			callback: () => {
				this.#timers.delete(timer);
				callback();
			},
			cancel: () => {},
		};
		timer.cancel = this.#used.after(delayMs, timer.callback);
		this.#timers.add(timer);
		return () => {
			this.#timers.delete(timer);
			timer.cancel();
		};
	}

	get #used(): Clock {
		if (!this.#current) throw new Error("No process is open.");
		return this.#current;
	}
}
