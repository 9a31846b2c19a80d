import { answerProblem } from "darkroom/http";
import { getAuth } from "@/server/auth";
import { watchDatabase } from "@/server/database-trouble";
import { getLogger } from "@/server/logger";

export const dynamic = "force-dynamic";

/** What sign-in itself does not answer is answered as every other route does it. */
async function handle(request: Request): Promise<Response> {
	try {
		return await watchDatabase(async () => (await getAuth()).handler(request));
	} catch (error) {
		getLogger().error({ error: error as Error }, "sign-in failed");
		return answerProblem(error);
	}
}

export { handle as GET, handle as POST };
