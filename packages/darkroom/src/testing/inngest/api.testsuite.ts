import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { type AcceptedEvent, readEvents } from "./event-api.testsuite.ts";
import type { Faults } from "./faults.testsuite.ts";
import { answerJson, readText } from "./http.testsuite.ts";
import type { Run } from "./run.testsuite.ts";
import { bearerOf } from "./signature.testsuite.ts";
import type { FunctionConfig, Op } from "./wire.testsuite.ts";

export interface ApiParts {
	readonly clock: Clock;
	readonly faults: Faults;
	/** Default: any key will do. */
	readonly eventKey: string | undefined;
	/** Default: nobody has to prove anything. */
	readonly signingKey: string | undefined;
	readonly register: (functions: readonly FunctionConfig[]) => void;
	readonly accept: (events: readonly AcceptedEvent[]) => void;
	readonly checkpoint: (run: Run, body: CheckpointBody) => "kept" | "stale";
	readonly cancel: (run: Run) => void;
	readonly find: (runId: string) => Run | undefined;
}

/** What the SDK sends when steps are over and the function goes on in the same call. */
export interface CheckpointBody {
	readonly qi_id: string;
	readonly request_id?: string;
	readonly steps: readonly Op[];
}

interface Question {
	/** What the path names: a run, or an event key. */
	readonly id: string;
	readonly body: string;
	/** The header `x-inngest-event-id-seed`. */
	readonly seed: string | undefined;
}

/** `cut`: the line is cut before an answer. */
type Reply = { readonly status: number; readonly body: object } | "cut";

interface Route {
	readonly pattern: RegExp;
	readonly answer: (parts: ApiParts, question: Question) => Reply;
	/** Without the signing key. */
	readonly isOpen?: boolean;
}

const routes: readonly Route[] = [
	{ pattern: /^GET \/(health)$/, answer: () => ({ status: 200, body: { status: 200, message: "OK" } }), isOpen: true },
	{ pattern: /^POST \/e\/([^/]+)$/, answer: takeEvents, isOpen: true },
	{ pattern: /^POST \/fn\/register$/, answer: register },
	{ pattern: /^POST \/v1\/checkpoint\/(\w+)\/async$/, answer: checkpoint },
	{ pattern: /^GET \/v0\/runs\/(\w+)\/actions$/, answer: tellSteps },
	{ pattern: /^GET \/v0\/runs\/(\w+)\/batch$/, answer: tellEvents },
	{ pattern: /^DELETE \/v1\/runs\/(\w+)$/, answer: cancel },
	{ pattern: /^POST \/v2\/runs\/(\w+)\/cancel$/, answer: cancel },
];

/** The HTTP side of the server: what SDK and clients call. What it does not play it answers with 404. */
export class Api {
	readonly #parts: ApiParts;
	readonly #server: Server;

	constructor(parts: ApiParts) {
		this.#parts = parts;
		this.#server = createServer((incoming, outgoing) => {
			void this.#answer(incoming, outgoing);
		});
	}

	/** Resolves with its URL. Rejects where the port is taken. */
	async listen(port: number): Promise<string> {
		await new Promise<void>((resolve, reject) => {
			this.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
		});
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	close(): Promise<void> {
		return new Promise((resolve) => {
			this.#server.close(() => resolve());
			this.#server.closeAllConnections();
		});
	}

	async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		const reply = await this.#reply(incoming).catch((error: Error) => refuse(400, error.message));
		if (reply === "cut") incoming.socket.destroy();
		else answerJson(outgoing, reply.status, reply.body);
	}

	async #reply(incoming: IncomingMessage): Promise<Reply> {
		const body = await readText(incoming);
		const name = `${incoming.method} ${new URL(incoming.url ?? "/", "http://server").pathname}`;
		const route = routes.find(({ pattern }) => pattern.test(name));
		if (!route) return refuse(404, `The tests' Inngest server does not play ${name}.`);
		const { signingKey } = this.#parts;
		const isAllowed = !signingKey || incoming.headers.authorization === `Bearer ${bearerOf(signingKey)}`;
		if (!route.isOpen && !isAllowed) return refuse(401, "Unauthorized");
		const id = decodeURIComponent(route.pattern.exec(name)?.[1] ?? "");
		return route.answer(this.#parts, { id, body, seed: incoming.headers["x-inngest-event-id-seed"]?.toString() });
	}
}

function takeEvents({ faults, eventKey, clock, accept }: ApiParts, { id, body, seed }: Question): Reply {
	const fault = replyOf(faults.events);
	if (fault) return fault;
	if (eventKey !== undefined && id !== eventKey) return refuse(401, "Event key not found");
	const events = readEvents(body, seed, clock.now(), faults.events === "lost");
	accept(events);
	return { status: 200, body: { ids: events.map(({ internalId }) => internalId), status: 200 } };
}

function register({ register: take }: ApiParts, { body }: Question): Reply {
	take((JSON.parse(body) as { functions: FunctionConfig[] }).functions);
	return { status: 200, body: { ok: true, status: 200, modified: true } };
}

/** A run that is over has no state any more, which the real server answers with 400; the SDK tries that five times. */
function checkpoint({ faults, find, checkpoint: take }: ApiParts, { id, body }: Question): Reply {
	const fault = replyOf(faults.checkpoints);
	if (fault) return fault;
	const run = find(id);
	if (!run || run.isOver) return refuse(400, "Failed to checkpoint steps");
	return { status: take(run, JSON.parse(body) as CheckpointBody) === "stale" ? 409 : 200, body: {} };
}

function tellSteps({ find }: ApiParts, { id }: Question): Reply {
	const steps = find(id)?.steps.map((step) => [step.id, step.state]) ?? [];
	return { status: 200, body: Object.fromEntries(steps) };
}

function tellEvents({ find }: ApiParts, { id }: Question): Reply {
	const run = find(id);
	return run ? { status: 200, body: [run.event] } : refuse(404, "run not found");
}

function cancel({ find, cancel: end }: ApiParts, { id }: Question): Reply {
	const run = find(id);
	if (!run) return refuse(404, "run not found");
	end(run);
	return { status: 200, body: {} };
}

function replyOf(fault: Faults["events"]): Reply | undefined {
	if (fault === "away") return "cut";
	return fault === "refused" ? refuse(500, "Internal server error") : undefined;
}

function refuse(status: number, error: string): Reply {
	return { status, body: { status, error } };
}
