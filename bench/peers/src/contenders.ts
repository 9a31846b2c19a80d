import { startPostgres } from "../../src/servers/postgres.ts";
import type { Server } from "../../src/servers/server-process.ts";
import type { Open } from "./contender.ts";
import { startRedis } from "./servers/redis.ts";
import { startRestate } from "./servers/restate.ts";

/** What stands beside a figure, because without it the figure means nothing. A line each. */
export interface Guarantees {
	/** Whether a step that was done is done again after a crash. */
	readonly steps: string;
	/** Whether the payment for a job can be taken twice or not at all. */
	readonly charge: string;
	/** Whether one owner can take all places. */
	readonly perOwner: string;
	/** What survives a power failure once it was acknowledged. */
	readonly durability: string;
}

/** One line of the table. */
export interface Entry {
	/** For the command line. */
	readonly id: string;
	readonly title: string;
	/** Whose version is printed; undefined for Darkroom itself. */
	readonly npmPackage?: string;
	/** Starts the server of one reading; undefined for one without a server. */
	readonly start?: (folder: string) => Promise<Server>;
	/** Loaded in the process of the reading alone. */
	readonly load: () => Promise<Open>;
	/** What decides its speed, as set for this. */
	readonly settings: string;
	readonly guarantees: Guarantees;
}

const ours: Guarantees = {
	steps: "yes: a completed step never runs again",
	charge: "exactly once, in the transaction that ends the job",
	perOwner: "5 active, enforced in this run",
	durability: "synced before every acknowledgement; one sync for the commits of a turn",
};
const everyCommit = "synced at every commit";
const yoursToWrite = "no credits; a handler that is retried charges again unless you prevent it";
const bullmq = {
	charge: yoursToWrite,
	perOwner: "in BullMQ Pro (groups), not in BullMQ",
};
const bullmqEverySecond = "synced once a second: up to a second of acknowledged jobs may go";
const bullmqSettings = "concurrency 50, the last 1,000 completed are kept";
const pgBoss = {
	charge: "no credits; completion can share your transaction (transactional workers), not used here",
	perOwner: "group concurrency, not set here",
	durability: everyCommit,
};
const pgBossWorkers = "2 workers, batches of 50 fetched and completed together, burst when full, pool of 10";
const pgBossSettings = `LISTEN/NOTIFY, ${pgBossWorkers}`;
const graphile = {
	charge: yoursToWrite,
	perOwner: "one at a time by queue name, not set here",
	durability: `${everyCommit}; completions are batched after the handler`,
};
const graphileSettings = "24 jobs at once, local queue of 500, completions batched, pool of 25";
const dbos = {
	steps: "yes: a completed step never runs again",
	charge: "no credits; exactly once for a step that is a transaction on its data source",
	durability: everyCommit,
};
const openworkflow = {
	steps: "yes: a completed step never runs again",
	charge: yoursToWrite,
	perOwner: "no",
};
const byHand = "the number of the step, by hand; results too if you store them";
const noSteps = "no: a retry begins with the first";
const chained = "each is a job of its own; at least once, the next may be added twice";

export const entries: readonly Entry[] = [
	{
		id: "darkroom-sqlite",
		title: "Darkroom, SQLite",
		load: async () => (await import("./contenders/darkroom.ts")).openOnSqlite,
		settings: "synchronous=FULL, concurrency 1,000",
		guarantees: ours,
	},
	{
		id: "darkroom-postgres",
		title: "Darkroom, Postgres",
		start: startPostgres,
		load: async () => (await import("./contenders/darkroom.ts")).openOnPostgres,
		settings: "concurrency 1,000",
		guarantees: ours,
	},
	{
		id: "bullmq",
		title: "BullMQ, five no-ops in a job",
		npmPackage: "bullmq",
		start: (folder) => startRedis(folder, "everysec"),
		load: async () => (await import("./contenders/bullmq.ts")).openPlain,
		settings: bullmqSettings,
		guarantees: { ...bullmq, steps: noSteps, durability: bullmqEverySecond },
	},
	{
		id: "bullmq-steps",
		title: "BullMQ, step stored after each",
		npmPackage: "bullmq",
		start: (folder) => startRedis(folder, "everysec"),
		load: async () => (await import("./contenders/bullmq.ts")).openStepwise,
		settings: bullmqSettings,
		guarantees: {
			...bullmq,
			steps: byHand,
			durability: bullmqEverySecond,
		},
	},
	{
		id: "bullmq-steps-always",
		title: "BullMQ, step stored, synced",
		npmPackage: "bullmq",
		start: (folder) => startRedis(folder, "always"),
		load: async () => (await import("./contenders/bullmq.ts")).openStepwise,
		settings: bullmqSettings,
		guarantees: {
			...bullmq,
			steps: byHand,
			durability: "synced before every answer",
		},
	},
	{
		id: "bullmq-flow",
		title: "BullMQ, flow of five jobs",
		npmPackage: "bullmq",
		start: (folder) => startRedis(folder, "everysec"),
		load: async () => (await import("./contenders/bullmq-flow.ts")).openFlow,
		settings: bullmqSettings,
		guarantees: {
			...bullmq,
			steps: "each is a job of its own, added together; at least once",
			durability: bullmqEverySecond,
		},
	},
	{
		id: "pg-boss",
		title: "pg-boss, five no-ops in a job",
		npmPackage: "pg-boss",
		start: startPostgres,
		load: async () => (await import("./contenders/pg-boss.ts")).openPlain,
		settings: pgBossSettings,
		guarantees: { ...pgBoss, steps: noSteps },
	},
	{
		id: "pg-boss-polled",
		title: "pg-boss, the same, polled",
		npmPackage: "pg-boss",
		start: startPostgres,
		load: async () => (await import("./contenders/pg-boss.ts")).openPolled,
		settings: `polled each 0.5 s without LISTEN/NOTIFY, ${pgBossWorkers}`,
		guarantees: { ...pgBoss, steps: noSteps },
	},
	{
		id: "pg-boss-chain",
		title: "pg-boss, five jobs in a chain",
		npmPackage: "pg-boss",
		start: startPostgres,
		load: async () => (await import("./contenders/pg-boss.ts")).openChained,
		settings: pgBossSettings,
		guarantees: { ...pgBoss, steps: chained },
	},
	{
		id: "graphile-worker",
		title: "Graphile Worker, five no-ops in a job",
		npmPackage: "graphile-worker",
		start: startPostgres,
		load: async () => (await import("./contenders/graphile-worker.ts")).openPlain,
		settings: graphileSettings,
		guarantees: { ...graphile, steps: noSteps },
	},
	{
		id: "graphile-worker-chain",
		title: "Graphile Worker, five jobs in a chain",
		npmPackage: "graphile-worker",
		start: startPostgres,
		load: async () => (await import("./contenders/graphile-worker.ts")).openChained,
		settings: graphileSettings,
		guarantees: { ...graphile, steps: chained },
	},
	{
		id: "dbos",
		title: "DBOS, started in the process",
		npmPackage: "@dbos-inc/dbos-sdk",
		start: startPostgres,
		load: async () => (await import("./contenders/dbos.ts")).openDirect,
		settings: "pool of 10",
		guarantees: { ...dbos, perOwner: "no, without a queue" },
	},
	{
		id: "dbos-queue",
		title: "DBOS, queue partitioned by owner",
		npmPackage: "@dbos-inc/dbos-sdk",
		start: startPostgres,
		load: async () => (await import("./contenders/dbos.ts")).openQueued,
		settings: "5 at a time in each partition, polled each 50 ms, pool of 10",
		guarantees: { ...dbos, perOwner: "5 running, enforced in this run" },
	},
	{
		id: "openworkflow-sqlite",
		title: "OpenWorkflow, SQLite",
		npmPackage: "openworkflow",
		load: async () => (await import("./contenders/openworkflow.ts")).openOnSqlite,
		settings: "concurrency 50",
		guarantees: { ...openworkflow, durability: `${everyCommit} (WAL, synchronous=FULL by SQLite's default)` },
	},
	{
		id: "openworkflow-postgres",
		title: "OpenWorkflow, Postgres",
		npmPackage: "openworkflow",
		start: startPostgres,
		load: async () => (await import("./contenders/openworkflow.ts")).openOnPostgres,
		settings: "concurrency 50",
		guarantees: { ...openworkflow, durability: everyCommit },
	},
	{
		id: "restate",
		title: "Restate",
		npmPackage: "@restatedev/restate-server",
		start: startRestate,
		load: async () => (await import("./contenders/restate.ts")).open,
		settings: "one service, bidirectional HTTP/2, sent one way through the ingress",
		guarantees: {
			steps: "yes: a completed step never runs again",
			charge: "no credits; state of its own virtual objects exactly once, outside calls at least once",
			perOwner: "one at a time by a virtual object's key, not set here",
			durability: "log synced, in batches",
		},
	},
];
