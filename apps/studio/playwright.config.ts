import { defineConfig } from "@playwright/test";

/** Quiet and self-contained: nothing is fetched, updated or reported while the tests run. */
const launchFlags = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	// By this name the Studio is another machine of the network, which a browser trusts less than its own.
	"--host-resolver-rules=MAP studio.lan 127.0.0.1",
];

/** `npm test` names the browser that it found. */
const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Run it after `next build`: each worker starts the built Studio for itself (see `e2e/studio.ts`). */
export default defineConfig({
	testDir: "./e2e",
	outputDir: "../../test-results",
	fullyParallel: true,
	workers: 3,
	// Only what hangs is ended: on two busy cores those that start several processes have taken a minute.
	timeout: 360_000,
	expect: { timeout: 60_000 },
	reporter: [["list"]],
	use: {
		launchOptions: { executablePath, args: launchFlags },
		locale: "en-GB",
		timezoneId: "Europe/Berlin",
		viewport: { width: 1280, height: 800 },
		// Without a graphics card each frame of an animation is the processor's to draw, a quarter of all its work here. Those that are
		// about what moves ask for it: plushie.spec.ts, progress.spec.ts.
		contextOptions: { reducedMotion: "reduce" },
		screenshot: "only-on-failure",
	},
});
