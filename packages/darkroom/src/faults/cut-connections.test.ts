import { setTimeout as pause } from "node:timers/promises";
import { afterEach, test } from "vitest";
import { describeOnPostgres, postgresUrl } from "../testing/on-postgres.testsuite.ts";
import { askPostgres } from "../testing/postgres-server.testsuite.ts";
import { CuttableProxy } from "./cuttable-proxy.testsuite.ts";
import { FaultRun } from "./fault-run.testsuite.ts";
import { limitOf, roundsOf } from "./plan.testsuite.ts";

/**
 * Two processes on one Postgres, one of them behind a bad network. What is cut off in the middle of a commit may have been
 * committed or not, and nobody is told which.
 */
const fault = "cut connections";
const ordersPerRound = 15;
/** Leases last 400 ms. */
const longestFreezeMs = 900;
/** So long that the driver gives up on what it asked, in ms; only where there are rounds enough to afford it. */
const longFreezeMs = 16_000;
const longFreezeEvery = 50;

describeOnPostgres("cut connections", () => {
	const url = postgresUrl();
	let proxy: CuttableProxy | undefined;
	let run: FaultRun | undefined;
	afterEach(async () => {
		await run?.remove();
		await proxy?.close();
	});

	/** Of Darkroom's own connections, each with a chance of one half. */
	const terminateSome = () =>
		askPostgres(
			url(),
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'darkroom' AND random() < 0.5",
		);

	const faults: readonly ((proxy: CuttableProxy, ms: number) => Promise<unknown>)[] = [
		() => terminateSome(),
		async (network) => network.cut(),
		async (network, ms) => {
			network.loseAnswers();
			await pause(ms / 8);
			network.keepAnswers();
		},
		async (network, ms) => {
			network.freeze();
			await pause(ms);
			network.thaw();
		},
		async (network, ms) => {
			network.freeze();
			await pause(ms / 2);
			network.cut();
			network.thaw();
		},
	];

	test(
		"whatever is cut, kept waiting or lost when, every accepted job ends, is charged once, and no completed step runs again",
		async () => {
			const network = await CuttableProxy.before(url());
			proxy = network;
			const current = await FaultRun.begin({ fault, url: url() });
			run = current;
			if (current.address.store !== "postgres") throw new Error("This is about Postgres.");
			const behind = current.start({ address: { ...current.address, url: network.url } });
			const apps = [behind, current.start()];
			for (const round of roundsOf(fault, "postgres")) {
				for (const app of apps) {
					current.orderAgain(app);
					current.order(app, ordersPerRound);
				}
				await behind.says(Math.ceil(current.random() * 30));
				const fault = current.chance.pick(faults);
				const ms = round % longFreezeEvery === 0 ? longFreezeMs : current.random() * longestFreezeMs;
				await fault(network, ms);
				current.didFault();
				await current.check();
			}
			await current.finish();
		},
		limitOf(fault),
	);
});
