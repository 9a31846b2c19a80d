import { once } from "node:events";
import { createServer } from "node:net";

const highestPort = 65_535;
export const defaultPort = 3_000;

/** What is wrong with this value of `PORT`, in a sentence; undefined for one that is fine, or not set. */
export function portFault(value: string | undefined): string | undefined {
	if (value === undefined || value === "") return undefined;
	if (/^\d{1,5}$/.test(value) && Number(value) <= highestPort) return undefined;
	return `PORT is "${value}": it must be a whole number from 0 to ${highestPort}.`;
}

/** Whether something on this machine listens there. 0, any that is free, is never taken. */
export async function isPortTaken(port: number): Promise<boolean> {
	if (port === 0) return false;
	const probe = createServer();
	try {
		// Where Next.js listens, too.
		await once(probe.listen(port), "listening");
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EADDRINUSE";
	} finally {
		probe.close();
	}
}
