import { toNextHandlers } from "darkroom/next";
import { getConfig } from "@/server/config";
import { getDarkroom } from "@/server/darkroom";
import { getLogger } from "@/server/logger";
import { sessionUserId } from "@/server/session";

export const dynamic = "force-dynamic";

type Handlers = ReturnType<typeof toNextHandlers>;
let handlers: Handlers | undefined;

/** Made at the first request: a build imports this file, and the build's environment is not the server's. */
function handle(method: keyof Handlers): (request: Request) => Promise<Response> {
	return (request) => {
		handlers ??= toNextHandlers(getDarkroom, {
			viewer: sessionUserId,
			cronSecret: getConfig().cronSecret ?? undefined,
			logger: getLogger(),
		});
		return handlers[method](request);
	};
}

export const GET = handle("GET");
export const HEAD = handle("HEAD");
export const POST = handle("POST");
export const DELETE = handle("DELETE");
export const PUT = handle("PUT");
export const PATCH = handle("PATCH");
