// #region serve
import { createServer } from "node:http";
import { inngestHandlers } from "darkroom/inngest";
import { serve } from "inngest/node";
import { darkroom } from "./inngest.ts";

const answerInngest = serve({ ...inngestHandlers(darkroom), enableUnauthedSync: false });

createServer((request, response) => {
	if (request.url?.startsWith("/api/inngest")) return answerInngest(request, response);
	response.writeHead(404).end();
}).listen(3000);
// #endregion
