/**
 * Stops a start whose `PORT` is none, or in use, before anything is built: Next.js names the option that it was given and not the
 * variable, and a number that is too large it meets with a stack.
 *
 *     node scripts/run.mjs scripts/check-port.ts && next start --port ${PORT:-3000}
 */
import { defaultPort, isPortTaken, portFault } from "./port.ts";

const port = Number(process.env.PORT || defaultPort);
const fault =
	portFault(process.env.PORT) ??
	((await isPortTaken(port)) ? `Port ${port} is in use. Choose another: PORT=${port + 1} npm start` : undefined);
if (fault !== undefined) {
	process.stderr.write(`Darkroom Studio cannot start. ${fault}\n`);
	process.exit(1);
}
