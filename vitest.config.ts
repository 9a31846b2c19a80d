import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Tests run the library's sources. The condition has a name of its own: other packages publish a `source` too. */
const conditions = ["darkroom-source"];

export default defineConfig({
	resolve: { conditions },
	ssr: { resolve: { conditions } },
	test: {
		include: ["packages", "apps", "bench", "examples", "docs", "scripts"].flatMap((folder) => [
			`${folder}/**/*.test.ts`,
			`${folder}/**/*.test.tsx`,
		]),
		exclude: ["**/node_modules/**", "**/e2e/**"],
		// For what hangs. The longest without a limit of its own takes a second or two, and ten times that on a machine that is busy
		// elsewhere; a hook starts servers, makes databases and removes them.
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// Many of them wait for servers, leases and killed processes: by default, one on two cores, both would be idle half the time.
		maxWorkers: Math.max(3, availableParallelism() - 1),
	},
});
