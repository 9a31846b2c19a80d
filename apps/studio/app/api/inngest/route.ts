import { type Darkroom, DarkroomError } from "darkroom";
import { answerProblem } from "darkroom/http";
import type { NextRequest } from "next/server";
import { getConfig } from "@/server/config";
import { getDarkroom } from "@/server/darkroom";
import { type InngestRoute, makeInngestRoute } from "@/server/inngest";
import { getLogger } from "@/server/logger";

export const dynamic = "force-dynamic";

let current: { readonly darkroom: Darkroom; readonly route: Promise<InngestRoute> } | undefined;

/** Made at the first request, and again for another Darkroom. @throws `not_found` where jobs do not run on Inngest */
async function getRoute(): Promise<InngestRoute> {
	const { inngest } = getConfig();
	if (inngest === null) throw new DarkroomError("not_found", { detail: "There is nothing at this address." });
	const darkroom = await getDarkroom();
	if (current?.darkroom !== darkroom) current = { darkroom, route: makeInngestRoute(darkroom, inngest) };
	return current.route;
}

/** Inngest's own calls. No session counts here, but Inngest's signature, which the SDK asks for outside dev mode. */
function handle(method: keyof InngestRoute): (request: NextRequest) => Promise<Response> {
	return async (request) => {
		try {
			const route = await getRoute();
			return await route[method](request, undefined);
		} catch (error) {
			const answer = answerProblem(error instanceof SyntaxError ? noJson(error) : error);
			if (answer.status >= 500) getLogger().error({ error: error as Error }, "a call of Inngest's failed");
			return answer;
		}
	};
}

/** The SDK reads a body before it looks at the signature: whoever sends nonsense is no fault of ours. */
function noJson(cause: SyntaxError): DarkroomError {
	return new DarkroomError("invalid_input", { detail: "The body is not JSON.", cause });
}

export const GET = handle("GET");
export const POST = handle("POST");
export const PUT = handle("PUT");
