import { type ClientOptions, Inngest } from "inngest";
import type { Clock } from "../../core/clock.ts";
import { createDarkroom } from "../../create-darkroom.ts";
import { InngestServer, type InngestServerOptions } from "../../testing/inngest-server.testsuite.ts";
import type { CreateEngine, EngineOptions, EngineProcess, EngineUnderTest } from "../suite/rig.testsuite.ts";
import { answersSoFar, settle } from "../suite/settle.testsuite.ts";
import { Deployment } from "./deployment.testsuite.ts";
import { type InngestOptions, inngest } from "./index.ts";

/** Turns of the event loop in which something comes of what is on its way within this machine. */
const quietTurns = 80;
/** What they take at least; longer while a call is under way, which may be with the job's code or with the SDK. */
const quietMs = 2;
const quietCallMs = 25;
/** The machine's own, whatever a test has put in its place. */
const wait = globalThis.setTimeout;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
/** Where the client believes Inngest to be: the server has no address before it listens. */
const anywhere = "http://inngest.test";

export interface InngestUnderTestOptions {
	/** Whether several steps may run within one call. Default: true, as the SDK has it. */
	readonly checkpointing?: boolean;
	/** What the server is given beside that. */
	readonly server?: Omit<InngestServerOptions, "clock" | "checkpointing">;
	/** What each process's client is given: its mode, its keys. Default: a dev client. */
	readonly client?: () => Omit<ClientOptions, "id" | "baseUrl" | "fetch">;
	/** What each process's engine is given. Default: only the lease that its test wants. */
	readonly engine?: Omit<InngestOptions, "client">;
}

/** One request to the event API, whatever came of it. */
export interface SentBatch {
	/** By the clock of the tests. */
	readonly at: number;
	readonly bytes: number;
	readonly events: readonly {
		readonly name: string;
		readonly id: string;
		readonly data: unknown;
		readonly ts: number;
	}[];
}

/** Darkroom on Inngest as the suite wants it: one Inngest, and any number of processes that it may call. */
export function createInngest(options: InngestUnderTestOptions = {}): CreateEngine {
	return () => new InngestUnderTest(options);
}

export class InngestUnderTest implements EngineUnderTest {
	/** Inngest calls the same run again. */
	readonly attemptAfterCrash = 1;
	readonly #options: InngestUnderTestOptions;
	readonly #clock = new SharedClock();
	readonly #deployment = new Deployment();
	#begun: Promise<InngestServer> | undefined;
	#server: InngestServer | undefined;
	/** Sends and requests of clients that are not over yet, and all that there were. */
	#asking = 0;
	#asked = 0;
	readonly batches: SentBatch[] = [];

	constructor(options: InngestUnderTestOptions) {
		this.#options = options;
	}

	settle = async (): Promise<void> => {
		for (;;) {
			const before = this.#soFar();
			const since = performance.now();
			const longEnough = () => performance.now() - since >= (this.#server?.isIdle === false ? quietCallMs : quietMs);
			await settle(quietTurns);
			while (this.#soFar() === before && !longEnough()) {
				await new Promise((over) => wait(over, 1));
				await settle(10);
			}
			if (this.#soFar() === before && this.#asking === 0) return;
		}
	};

	/** Grows with everything that happens. */
	#soFar(): number {
		return (this.#server?.calls.length ?? 0) + this.#asked + answersSoFar();
	}

	/** The server, which knows the functions of the processes that are open. */
	async server(): Promise<InngestServer> {
		await this.#sync();
		return this.#begin();
	}

	/** Where the server calls the processes. */
	appUrl(): Promise<string> {
		return this.#deployment.url;
	}

	/** Whether the server's calls reach a process. */
	set isReachable(isReachable: boolean) {
		this.#deployment.isReachable = isReachable;
	}

	open({ jobs, store, clock, logger, concurrency, leaseMs }: EngineOptions): EngineProcess {
		this.#clock.use(clock);
		const fetch = (url: string | URL | Request, init?: RequestInit) =>
			this.#untilAnswered(() => this.#fetch(String(url), init));
		const { client: given = () => ({ isDev: true, eventKey: "key" }), engine } = this.#options;
		const client = new Inngest({ id: "tests", baseUrl: anywhere, logger: quiet, fetch, ...given() });
		const send = client.send.bind(client);
		// With all the tries that the SDK makes of one send.
		client.send = (...sent) => this.#untilAnswered(() => send(...sent));
		const chosen = inngest({ client, lease: leaseMs, ...engine });
		const darkroom = createDarkroom({ jobs, store, clock, logger, engine: chosen });
		return concurrency > 0 ? { darkroom, crash: this.#deployment.add(darkroom) } : { darkroom };
	}

	async close(): Promise<void> {
		await (await this.#begun)?.stop();
		await this.#deployment.close();
	}

	#begin(): Promise<InngestServer> {
		this.#begun ??= (async () => {
			const { checkpointing = true, server } = this.#options;
			this.#server = await InngestServer.start({ ...server, clock: this.#clock, checkpointing });
			return this.#server;
		})();
		return this.#begun;
	}

	/** The client's way to the server, which knows the functions of the latest process before it takes an event. */
	async #fetch(url: string, init: RequestInit | undefined): Promise<Response> {
		const server = await this.#begin();
		if (url.includes("/e/")) {
			this.#note(String(init?.body));
			await this.#sync();
		}
		return fetch(url.replace(anywhere, server.url), init);
	}

	async #untilAnswered<Result>(ask: () => Promise<Result>): Promise<Result> {
		this.#asked++;
		this.#asking++;
		try {
			return await ask();
		} finally {
			this.#asking--;
		}
	}

	#note(body: string): void {
		const events = JSON.parse(body) as SentBatch["events"];
		this.batches.push({ at: this.#clock.now(), bytes: Buffer.byteLength(body), events });
	}

	async #sync(): Promise<void> {
		const server = await this.#begin();
		await this.#deployment.register((url) => server.sync(url));
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
