import type { Clock } from "../core/clock.ts";
import type { Darkroom } from "../engine/darkroom.ts";
import type { Heartbeat } from "./heartbeat.ts";

/**
 * One line of the route table. Everything about a request that does not differ from route to route (matching,
 * the same-origin check, the viewer, errors, the log) is done by `handler.ts` before `handle` is called, so a
 * route cannot forget it.
 */
export type Route = ViewerRoute | SecretRoute;

/** For a signed-in viewer: `handle` is never called without one. */
export interface ViewerRoute extends RoutePattern {
	readonly access: "viewer";
	readonly handle: (exchange: ViewerExchange) => Promise<Response>;
}

/** For a machine that knows a secret, which the route itself checks: no viewer, and no same-origin check. */
export interface SecretRoute extends RoutePattern {
	readonly access: "secret";
	readonly handle: (exchange: Exchange) => Promise<Response>;
}

interface RoutePattern {
	readonly method: "GET" | "POST" | "DELETE";
	/** Relative to where the handler is mounted, such as `/jobs/:id`. Of two that match, the first in the table wins. */
	readonly path: string;
}

/** What a route knows of one request. */
export interface Exchange {
	readonly request: Request;
	/** The pattern's parameter, `""` where it has none or the value is empty. */
	readonly param: (name: string) => string;
	/** Read only by the routes that have one: taking a URL apart costs as much as reading a job. */
	readonly query: () => URLSearchParams;
	readonly server: Server;
}

export interface ViewerExchange extends Exchange {
	readonly viewer: string;
}

/** What one handler's routes share: its options with their defaults filled in. */
export interface Server {
	readonly darkroom: Darkroom;
	/** Without a slash at its end; `""` for the root. */
	readonly basePath: string;
	readonly jsonLimitBytes: number;
	/** Undefined: nobody may call the cron route. */
	readonly cronSecret: string | undefined;
	readonly cronBudgetMs: number;
	readonly heartbeat: Heartbeat;
	/** Sets the Darkroom to work where nobody has; returns at once. */
	readonly start: () => void;
	readonly clock: Clock;
}
