import { setTimeout as pause } from "node:timers/promises";
import { Inngest } from "inngest";
import { afterAll } from "vitest";
import { createDarkroom } from "../../../create-darkroom.ts";
import type { CreateEngine, EngineOptions, EngineProcess, EngineUnderTest } from "../../suite/rig.testsuite.ts";
import { settle } from "../../suite/settle.testsuite.ts";
import { Deployment } from "../deployment.testsuite.ts";
import { inngest } from "../index.ts";
import { forget, quiet, register, unique } from "./app.testsuite.ts";
import { createMachineClock } from "./machine-clock.testsuite.ts";

/** Longer than a server takes from an event to the call, and shorter than what the suite takes for "later". */
const quietMs = 1_000;
/** For the machine, which may be busy, and for the server's own looks at its queue. */
const lateMs = 5_000;

/**
 * Darkroom on a server whose time is the machine's, for the engines' suite. One app at one address for all tests: each
 * deploys it anew, as the next version of the app, so that no other test's functions answer to its events.
 */
export function createLivingEngine(serverUrl: () => string, untilMs: number): CreateEngine {
	const id = unique("suite");
	const deployment = new Deployment();
	afterAll(async () => {
		await forget(serverUrl(), await deployment.url);
		await deployment.close();
	});
	return () => new LivingEngine({ id, serverUrl: serverUrl(), deployment, untilMs });
}

interface LivingEngineOptions {
	/** What Inngest knows the app by. */
	readonly id: string;
	readonly serverUrl: string;
	readonly deployment: Deployment;
	/** How long a test waits for what has to come, in ms. */
	readonly untilMs: number;
}

class LivingEngine implements EngineUnderTest {
	/** Inngest calls the same run again. */
	readonly attemptAfterCrash = 1;
	readonly lateMs = lateMs;
	readonly #options: LivingEngineOptions;
	/** Requests to the server that began, and that ended. */
	#asked = 0;

	constructor(options: LivingEngineOptions) {
		this.#options = options;
	}

	createClock = () => createMachineClock(this.#options.untilMs);

	/** Nobody can ask a server whether anything is left: nothing has gone to it or come from it for a while. */
	settle = async (): Promise<void> => {
		const soFar = () => this.#asked + this.#options.deployment.happened;
		for (let before = -1; before !== soFar(); ) {
			before = soFar();
			await pause(quietMs);
			await settle();
		}
	};

	/** With a lease longer than a server waits before it calls again after a crash, as it is by default. */
	open({ jobs, store, clock, logger, concurrency }: EngineOptions): EngineProcess {
		const { id, serverUrl, deployment } = this.#options;
		const ask = async (url: string | URL | Request, init?: RequestInit) => {
			this.#asked++;
			// Whoever is called knows what it is called for before an event goes out.
			if (String(url).includes("/e/")) await deployment.register(register);
			return fetch(url, init).finally(() => this.#asked++);
		};
		const client = new Inngest({ id, isDev: true, baseUrl: serverUrl, eventKey: "tests", logger: quiet, fetch: ask });
		const darkroom = createDarkroom({ jobs, store, clock, logger, engine: inngest({ client }) });
		return concurrency > 0 ? { darkroom, crash: deployment.add(darkroom) } : { darkroom };
	}

	async close(): Promise<void> {
		this.#options.deployment.clear();
	}
}
