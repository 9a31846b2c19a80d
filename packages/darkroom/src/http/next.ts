import { DarkroomError } from "../core/errors.ts";
import type { Darkroom } from "../engine/darkroom.ts";
import { createHandler, type HandlerOptions } from "./handler.ts";
import { answerProblem } from "./problem.ts";

/** What a route file of the Next.js app router exports. */
export interface NextHandlers {
	readonly GET: (request: Request) => Promise<Response>;
	readonly HEAD: (request: Request) => Promise<Response>;
	readonly POST: (request: Request) => Promise<Response>;
	readonly DELETE: (request: Request) => Promise<Response>;
	/** No route takes these; with them the answer says so in problem details, where Next's own says nothing. */
	readonly PUT: (request: Request) => Promise<Response>;
	readonly PATCH: (request: Request) => Promise<Response>;
}

/**
 * Darkroom's routes for `app/api/[...path]/route.ts`:
 *
 *     export const { GET, HEAD, POST, DELETE } = toNextHandlers(getDarkroom, { viewer: sessionUserId });
 *
 * Give a function where Darkroom is made on first use (a build imports route files, and must not open a database)
 * or may be replaced (hot reload): it is called for every request, and its handler is kept for as long as it gives
 * the same Darkroom. When it fails the answer is 503, and the next request tries again.
 */
export function toNextHandlers(
	source: Darkroom | (() => Darkroom | Promise<Darkroom>),
	options: HandlerOptions,
): NextHandlers {
	let current: { readonly darkroom: Darkroom; readonly handle: (request: Request) => Promise<Response> } | undefined;
	const answer = async (request: Request) => {
		try {
			const darkroom = typeof source === "function" ? await source() : source;
			if (current?.darkroom !== darkroom) current = { darkroom, handle: createHandler(darkroom, options) };
		} catch (cause) {
			const error = new DarkroomError("store_unavailable", {
				detail: "The server is not ready. Please try again.",
				cause,
			});
			options.logger?.error({ err: error }, "darkroom did not start");
			return answerProblem(error);
		}
		return current.handle(request);
	};
	return { GET: answer, HEAD: answer, POST: answer, DELETE: answer, PUT: answer, PATCH: answer };
}
