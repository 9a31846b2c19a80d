import { existsSync } from "node:fs";

const places = [
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/usr/bin/google-chrome-stable",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The browser that `CHROMIUM_PATH` names, else one of the machine's own, else undefined: then Playwright's. */
export function findChromium(): string | undefined {
	return process.env.CHROMIUM_PATH || places.find((place) => existsSync(place));
}
