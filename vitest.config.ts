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
		testTimeout: 20_000,
		// Many of them wait for servers, leases and killed processes: by default, one on two cores, both would be idle half the time.
		maxWorkers: Math.max(3, availableParallelism() - 1),
	},
});
