import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const elsewhere = ["/usr/bin", "/snap/bin", "/opt/google/chrome", "/Applications/Google Chrome.app/Contents/MacOS"];

/**
 * A Chromium of this machine for the browser tests: `CHROMIUM_PATH`, or the first of the usual names in `PATH`
 * and the usual places. Undefined where there is none; a `CHROMIUM_PATH` that names nothing is none.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
	if (env.CHROMIUM_PATH) return isExecutable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined;
	const folders = [...(env.PATH ?? "").split(delimiter).filter(Boolean), ...elsewhere];
	const candidates = folders.flatMap((folder) =>
		[...names, "chrome", "Google Chrome"].map((name) => join(folder, name)),
	);
	return candidates.find(isExecutable);
}

export const howToGetChromium =
	"No Chromium found for the browser tests. Install one (`apt-get install chromium`) or name one in CHROMIUM_PATH.";

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
