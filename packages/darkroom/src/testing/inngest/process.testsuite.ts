import { createInterface } from "node:readline";
import { InngestServer } from "../inngest-server.testsuite.ts";

/**
 * The test server as a process of its own, for tests of whole apps, with keys as in production. It says its address as
 * `listening <url>`, learns the functions of each app whose address it is told on stdin, a line each, says `synced <url>`,
 * and lives until its stdin ends. A call that failed comes again soon, but
 * not so soon that its tries are used up while an app is started again.
 */
const retryMs = 2_000;
const { INNGEST_SIGNING_KEY: signingKey, INNGEST_EVENT_KEY: eventKey } = process.env;
const server = await InngestServer.start({
	isDev: false,
	backoffMs: () => retryMs,
	...(signingKey && { signingKey }),
	...(eventKey && { eventKey }),
});
process.stdout.write(`listening ${server.url}\n`);
for await (const app of createInterface({ input: process.stdin })) {
	await server.sync(app);
	process.stdout.write(`synced ${app}\n`);
}
await server.stop();
