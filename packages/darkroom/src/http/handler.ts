import { type Context, Hono } from "hono";
import { type Clock, systemClock } from "../core/clock.ts";
import { DarkroomError, isDarkroomError } from "../core/errors.ts";
import { isId } from "../core/ids.ts";
import { type Logger, silentLogger } from "../core/logger.ts";
import { Outage } from "../core/outage.ts";
import type { Darkroom } from "../engine/darkroom.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { answerProblem } from "./problem.ts";
import type { Exchange, Route, Server } from "./route.ts";
import { routeTable } from "./route-table.ts";
import { readRoute } from "./routes/jobs.ts";
import { requireSameOrigin } from "./same-origin.ts";

/** How an app mounts Darkroom's routes. */
export interface HandlerOptions {
	/** Who asks: the id of the signed-in user, from the session; null for nobody, who gets 401. */
	readonly viewer: (request: Request) => string | null | Promise<string | null>;
	/** Where the handler is mounted; `""` for the root. Default `"/api"`. */
	readonly basePath?: string;
	/** What cron sends as `Authorization: Bearer …` to `/process-generation-jobs`. Default: none, the route is closed. */
	readonly cronSecret?: string;
	/** How long one cron call works, in ms: less than the host lets a request take. Default 50,000. */
	readonly cronBudgetMs?: number;
	/**
	 * Other origins whose pages may change things here, such as `https://app.example.com`. Default: none. What lets
	 * them read the answers (CORS) is set by the app around this handler.
	 */
	readonly trustedOrigins?: readonly string[];
	/** Bytes of the largest JSON body. Default 256 KiB, as much as a job's row takes. */
	readonly jsonLimitBytes?: number;
	/** How often an event stream that has nothing to say proves that it lives, in ms. Default 15,000. */
	readonly heartbeatMs?: number;
	/** One line a request at `debug`, unexpected errors at `error`. Default: silent. */
	readonly logger?: Logger;
	readonly clock?: Clock;
}

/**
 * Darkroom over HTTP, as one fetch-standard function: for Next.js (`darkroom/next`), Hono, Bun, Deno, Node.
 *
 *     request ── route? 404 · 405 ── same origin? 403 ── viewer? 401 ── route's own work ── answer
 *                                                                              └── thrown ── problem details
 *
 * It never rejects: whatever is thrown becomes an answer. The first request of a viewer starts the Darkroom where nobody has.
 * @throws `misconfigured` when a definition is of the kind `clear`, which `POST /jobs/clear` hides.
 */
export function createHandler(darkroom: Darkroom, options: HandlerOptions): (request: Request) => Promise<Response> {
	if (darkroom.definitions.has("clear")) {
		throw new DarkroomError("misconfigured", {
			detail: 'The kind "clear" cannot be submitted over HTTP: POST /jobs/clear clears a subject. Choose another name.',
		});
	}
	const clock = options.clock ?? systemClock;
	const server: Server = {
		darkroom,
		basePath: (options.basePath ?? "/api").replace(/\/+$/, ""),
		jsonLimitBytes: options.jsonLimitBytes ?? 256 * 1024,
		cronSecret: options.cronSecret,
		cronBudgetMs: options.cronBudgetMs ?? 50_000,
		heartbeat: createHeartbeat(clock, options.heartbeatMs ?? 15_000),
		start: starterOf(darkroom),
		clock,
	};
	const respond = responder(server, options);
	const app = new Hono();
	for (const route of routeTable) {
		app.on(route.method, server.basePath + route.path, (context) =>
			respond(context.req.raw, route.path, () => handle(route, exchangeOf(context, server), options)),
		);
	}
	app.notFound((context) => respond(context.req.raw, "none", () => refuseUnmatched(app, context.req.path)));
	const readJob = jobReader(server, (exchange) => handle(readRoute, exchange, options));
	return (request) => {
		const work = readJob(request);
		if (work) return respond(request, readRoute.path, work);
		// Hono answers synchronously or not; our routes never do otherwise than by a promise.
		return app.fetch(request) as Promise<Response>;
	};
}

/**
 * Starts a Darkroom that nobody has started: what an earlier process was at would be watched, and be taken up by nobody until
 * somebody submits. What keeps it from starting keeps a route from its answer, too, which tells; the next request tries again.
 */
function starterOf(darkroom: Darkroom): () => void {
	let isStarted = false;
	const done = () => {
		isStarted = true;
	};
	return () => {
		if (!isStarted) darkroom.start().then(done, () => "told by the answer");
	};
}

/**
 * Knows the one request that comes thousands of times as often as any other, that of everybody who watches by asking
 * again, by its address alone. Anything that is not quite that, such as another method, a query or an odd id, goes
 * through the router.
 */
function jobReader(server: Server, handleRead: (exchange: Exchange) => Promise<Response>) {
	const before = `${server.basePath}${readRoute.path.replace(":id", "")}`;
	return (request: Request): (() => Promise<Response>) | undefined => {
		if (request.method !== "GET") return undefined;
		const { url } = request;
		const path = url.indexOf("/", url.indexOf("//") + 2);
		const id = url.startsWith(before, path) ? url.slice(path + before.length) : "";
		if (!isId(id)) return undefined;
		return () => handleRead({ request, param: () => id, query: () => new URLSearchParams(), server });
	};
}

async function handle(route: Route, exchange: Exchange, options: HandlerOptions): Promise<Response> {
	if (route.access === "secret") return route.handle(exchange);
	requireSameOrigin(exchange.request, options.trustedOrigins ?? []);
	const viewer = await options.viewer(exchange.request);
	if (!viewer) throw new DarkroomError("unauthenticated", { detail: "Sign in first, then try again." });
	exchange.server.start();
	return route.handle({ ...exchange, viewer });
}

function exchangeOf(context: Context, server: Server): Exchange {
	return {
		request: context.req.raw,
		param: (name) => context.req.param(name) ?? "",
		query: () => new URL(context.req.url).searchParams,
		server,
	};
}

/** Turns what is thrown into an answer and writes the request's line: never a body, a query, or who asked. */
function responder({ clock }: Server, options: HandlerOptions) {
	const logger = options.logger ?? silentLogger;
	const outage = new Outage(() => clock.now());
	// While the store is away every request says so, and pages ask again and again.
	const isToBeTold = (error: unknown) => !isDarkroomError(error, "store_unavailable") || outage.failed() !== undefined;
	return async (request: Request, route: string, answer: () => Promise<Response>): Promise<Response> => {
		const startedAt = clock.now();
		let response: Response;
		try {
			response = await answer();
		} catch (error) {
			response = answerProblem(error);
			if (response.status >= 500 && isToBeTold(error)) logger.error({ err: toError(error), route }, "request failed");
		}
		// A HEAD is a GET whose body nobody will read; left alone, its file or its event stream would stay open.
		if (request.method === "HEAD") await response.body?.cancel();
		if (response.status < 500) outage.answered();
		const durationMs = clock.now() - startedAt;
		logger.debug({ method: request.method, route, status: response.status, durationMs }, "request");
		return request.method === "HEAD" ? new Response(null, response) : response;
	};
}

/** 405 where another method would have matched, else 404. */
async function refuseUnmatched(app: Hono, path: string): Promise<Response> {
	const allowed = ["GET", "POST", "DELETE"].filter((method) => app.router.match(method, path)[0].length > 0);
	if (allowed.length === 0) throw new DarkroomError("not_found", { detail: "There is nothing at this address." });
	if (allowed[0] === "GET") allowed.splice(1, 0, "HEAD");
	throw new DarkroomError("method_not_allowed", {
		detail: `This address takes ${allowed.join(", ")}.`,
		data: { allow: allowed.join(", ") },
	});
}

function toError(error: unknown): Error {
	return error instanceof Error ? error : new Error("Something that is no Error was thrown.", { cause: error });
}
