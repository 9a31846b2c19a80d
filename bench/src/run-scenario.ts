import type { Figure } from "./figures.ts";

/** Imported one by one: what the others need would be measured as memory of the one that is asked for. */
const scenarios: Record<string, () => Promise<Figure[]>> = {
	throughput: async () => (await import("./scenarios/throughput.ts")).throughput(),
	latency: async () => (await import("./scenarios/latency.ts")).latency(),
	claims: async () => (await import("./scenarios/claims.ts")).claims(),
	"many-steps": async () => (await import("./scenarios/many-steps.ts")).manySteps(),
	startup: async () => (await import("./scenarios/startup.ts")).startup(),
	http: async () => (await import("./scenarios/http.ts")).http(),
	watchers: async () => (await import("./scenarios/watchers.ts")).watchers(),
	disk: async () => (await import("./scenarios/disk.ts")).disk(),
	"postgres-throughput": async () => (await import("./scenarios/postgres-throughput.ts")).postgresThroughput(),
	"postgres-latency": async () => (await import("./scenarios/latency.ts")).postgresLatency(),
	"postgres-claims": async () => (await import("./scenarios/claims.ts")).postgresClaims(),
	"postgres-disk": async () => (await import("./scenarios/disk.ts")).postgresDisk(),
	inngest: async () => (await import("./scenarios/inngest.ts")).inngestRuns(),
};

const figures = await scenarios[process.argv[2] ?? ""]?.();
process.send?.(figures, () => process.disconnect());
