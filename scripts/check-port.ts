/**
 * Stops a start whose `PORT` is none, before anything is built: Next.js names the option that it was given and not the
 * variable, and a number that is too large it meets with a stack.
 *
 *     node scripts/run.mjs scripts/check-port.ts && next start --port ${PORT:-3000}
 */
import { portFault } from "./port.ts";

const fault = portFault(process.env.PORT);
if (fault !== undefined) {
	process.stderr.write(`Darkroom Studio cannot start. ${fault}\n`);
	process.exit(1);
}
