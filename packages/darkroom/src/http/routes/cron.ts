import { requireBearer } from "../bearer.ts";
import { answerJson } from "../json-answer.ts";
import type { ProcessAnswer } from "../protocol.ts";
import type { Exchange, SecretRoute } from "../route.ts";

const path = "/process-generation-jobs";

/** GET as well, because some hosts' cron jobs (Vercel's, for one) can send nothing else. */
export const cronRoutes: readonly SecretRoute[] = [
	{ access: "secret", method: "POST", path, handle: process },
	{ access: "secret", method: "GET", path, handle: process },
];

/** How long it may take is the server's option and never the caller's word, so that no call outlives its host's limit. */
async function process({ request, server }: Exchange): Promise<Response> {
	requireBearer(request, server.cronSecret);
	const { claimed, remaining } = await server.darkroom.tick(server.cronBudgetMs);
	return answerJson({ claimed, remaining } satisfies ProcessAnswer, { headers: { "cache-control": "no-store" } });
}
