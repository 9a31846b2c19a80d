import type { Figure } from "./figures.ts";
import { claims, postgresClaims } from "./scenarios/claims.ts";
import { http } from "./scenarios/http.ts";
import { latency, postgresLatency } from "./scenarios/latency.ts";
import { manySteps } from "./scenarios/many-steps.ts";
import { postgresThroughput } from "./scenarios/postgres-throughput.ts";
import { startup } from "./scenarios/startup.ts";
import { throughput } from "./scenarios/throughput.ts";
import { watchers } from "./scenarios/watchers.ts";

const scenarios: Record<string, () => Promise<Figure[]>> = {
	throughput,
	latency,
	claims,
	"many-steps": manySteps,
	startup,
	http,
	watchers,
	"postgres-throughput": postgresThroughput,
	"postgres-latency": postgresLatency,
	"postgres-claims": postgresClaims,
};

const figures = await scenarios[process.argv[2] ?? ""]?.();
process.send?.(figures, () => process.disconnect());
