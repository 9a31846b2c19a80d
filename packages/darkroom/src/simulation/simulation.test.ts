import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import type { Store } from "../store/store.ts";
import { type BackendName, createBackend } from "./backends.testsuite.ts";
import { type Backend, SimulatedDatabase } from "./database.testsuite.ts";
import { type Outcome, runSchedule } from "./schedule.testsuite.ts";
import { runShifts, type ShiftReport } from "./shift.testsuite.ts";

/**
 * The promises of architecture.md, section 3, under every order of events and every fault that a seed thinks of: most
 * schedules on the model store, which costs next to nothing, and some on the real one.
 *
 *     SIM_SEED=123 SIM_STORE=sqlite npx vitest run packages/darkroom/src/simulation   one schedule, told line by line
 *     SIM_SECONDS=600 npx vitest run packages/darkroom/src/simulation                 fresh seeds for ten minutes each
 */
const seed = process.env.SIM_SEED === undefined ? undefined : Number(process.env.SIM_SEED);
const told: BackendName = process.env.SIM_STORE === "sqlite" ? "sqlite" : "model";
const freshSeconds = Number(process.env.SIM_SECONDS ?? 3);
/** Of what is nothing but computing: a busy machine takes many times as long. */
const limitMs = 120_000;
const threads = Math.min(2, availableParallelism());

/** How to see it again. */
function faultOf(broken: Outcome | undefined, store: BackendName): string | undefined {
	if (!broken?.violation) return undefined;
	const { promise, words } = broken.violation;
	const again = `SIM_SEED=${broken.seed} SIM_STORE=${store} npx vitest run packages/darkroom/src/simulation`;
	return `Promise ${promise} is broken: ${words}\n${again}`;
}

async function run(shift: Parameters<typeof runShifts>[0]): Promise<ShiftReport> {
	const startedAt = performance.now();
	const spent = process.cpuUsage();
	const report = await runShifts(shift, threads);
	const seconds = (performance.now() - startedAt) / 1_000;
	const { user, system } = process.cpuUsage(spent);
	const { schedules, jobs, events } = report;
	console.log(
		`${schedules} schedules on ${shift.backend} from seed ${shift.from}, ${jobs} jobs, ${events} events: ` +
			`${Math.round(schedules / seconds)} a second in ${threads} threads, ` +
			`${Math.round((schedules * 1e6) / (user + system))} for each second of a processor, Node ${process.version}`,
	);
	return report;
}

describe.skipIf(seed !== undefined).each([
	{ backend: "model", fixedSeeds: 3_000 },
	{ backend: "sqlite", fixedSeeds: 400 },
] as const)("whatever happens, in whatever order, every promise holds on $backend", ({ backend, fixedSeeds }) => {
	test(
		`with the seeds 1 to ${fixedSeeds}`,
		async () => {
			const { schedules, broken } = await run({ backend, from: 1, count: fixedSeeds, forMs: Number.POSITIVE_INFINITY });
			expect(faultOf(broken, backend)).toBeUndefined();
			expect(schedules).toBe(fixedSeeds);
		},
		limitMs,
	);

	test(
		`with fresh seeds, for ${freshSeconds} seconds`,
		async () => {
			const forMs = freshSeconds * 1_000;
			const report = await run({ backend, from: randomInt(2 ** 40), count: Number.POSITIVE_INFINITY, forMs });
			expect(faultOf(report.broken, backend)).toBeUndefined();
			expect(report.schedules).toBeGreaterThan(0);
		},
		freshSeconds * 1_000 + 60_000,
	);
});

async function on<Result>(backend: Backend, use: (database: SimulatedDatabase) => Promise<Result>): Promise<Result> {
	const database = await SimulatedDatabase.open(backend);
	try {
		return await use(database);
	} finally {
		await database.close();
	}
}

describe("a seed", () => {
	test.each(["model", "sqlite"] as const)(
		"goes the same way each time, event by event, whatever ran before it, on %s",
		async (name) => {
			await on(createBackend(name), async (database) => {
				const first = new Map<number, string>();
				for (let one = 1; one <= 40; one++) first.set(one, (await runSchedule({ seed: one, database })).hash);
				for (let one = 40; one >= 1; one--) {
					expect((await runSchedule({ seed: one, database })).hash).toBe(first.get(one));
				}
				expect(new Set(first.values()).size).toBe(40);
			});
		},
		limitMs,
	);

	test("goes the same way when it is told", async () => {
		await on(createBackend("model"), async (database) => {
			const silent = await runSchedule({ seed: 7, database });
			const loud = await runSchedule({ seed: 7, database, keepsStory: true });
			expect(loud.hash).toBe(silent.hash);
			expect(loud.story?.length).toBeGreaterThan(10);
		});
	});

	test.runIf(seed !== undefined)("that SIM_SEED names holds every promise, told line by line", async () => {
		const outcome = await on(createBackend(told), (database) =>
			runSchedule({ seed: seed ?? 0, database, keepsStory: true }),
		);
		console.log(outcome.story?.join("\n"));
		expect(faultOf(outcome, told)).toBeUndefined();
	});
});

/** A store of which one thing is wrong. */
function sabotaged(spoil: (store: Store) => Partial<Store>): Backend {
	const sound = createBackend("model");
	return {
		...sound,
		connect: (defer) => {
			const store = sound.connect(defer);
			return { ...store, ...spoil(store) };
		},
	};
}

const nothingDone = { ended: [], returned: 0, woken: 0, nextDueAt: null };

describe("a store breaks a promise, and a seed finds it, where it", () => {
	test.each<[string, number, (store: Store) => Partial<Store>]>([
		[
			"has lost a job, so that the schedule itself cannot be seen to its end",
			0,
			(store) => ({ readJob: (_, jobId) => store.readJob("nobody", jobId) }),
		],
		[
			"gives out a job again without what it has completed",
			4,
			(store) => ({
				claimJobs: async (claim) => (await store.claimJobs(claim)).map(({ job }) => ({ job, steps: [] })),
			}),
		],
		["never says that another process has committed", 8, () => ({ onElsewhere: () => () => {} })],
		["never sweeps", 6, () => ({ sweep: async () => nothingDone })],
		[
			"calls no lease lost",
			5,
			(store) => ({ extendLeases: (...given) => store.extendLeases(...given).then(() => []) }),
		],
		[
			"leaves out what changed last",
			8,
			(store) => ({
				listChanges: async (...given) => (await store.listChanges(...given)).slice(0, -1),
			}),
		],
		[
			"resolves a hold by nothing",
			2,
			(store) => ({
				completeJob: (completion) => store.completeJob({ ...completion, due: 0 }),
			}),
		],
	])("%s", async (_, promise, spoil) => {
		const broken = await on(sabotaged(spoil), async (database) => {
			for (let one = 1; one <= 500; one++) {
				const { violation } = await runSchedule({ seed: one, database });
				if (violation) return violation;
			}
			return undefined;
		});
		expect(broken?.promise).toBe(promise);
	});
});
