import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { isDarkroomError } from "../core/errors.ts";
import type { JobSnapshot } from "../core/job.ts";
import { createDarkroom } from "../create-darkroom.ts";
import type { Darkroom } from "../engine/darkroom.ts";
import { defineJob } from "../engine/define-job.ts";
import { postgres } from "../store/postgres/index.ts";
import { describeOnPostgres, postgresUrl } from "../testing/on-postgres.testsuite.ts";
import { askPostgres } from "../testing/postgres-server.testsuite.ts";
import { CuttableProxy } from "./cuttable-proxy.testsuite.ts";

const schema = "lost_answers";
const owner = "ada";

/**
 * The server commits, and the connection is cut before its answer arrives. The one who asked knows nothing and asks
 * again: that must come to the same as if the answer had arrived.
 */
describeOnPostgres("an answer that is lost after the commit", () => {
	const url = postgresUrl();
	let network: CuttableProxy;
	let darkroom: Darkroom;
	let ran: string[];
	let atTheEndOf: { step?: string; job?: boolean };
	let mayBegin: Promise<unknown>;

	beforeEach(async () => {
		[ran, atTheEndOf, mayBegin] = [[], {}, Promise.resolve()];
		network = await CuttableProxy.before(url());
		const draw = defineJob({
			kind: "draw",
			input: z.object({}),
			output: z.string(),
			credits: { price: 3 },
			// The lease is long: whoever loses it here for no reason is not done in time.
			maxAttempts: 1,
			async run({ step }) {
				await mayBegin;
				for (const name of ["sketch", "paint"]) {
					await step.run(name, () => {
						ran.push(name);
						if (atTheEndOf.step === name) network.loseAnswers();
						return name;
					});
				}
				if (atTheEndOf.job) network.loseAnswers();
				return "drawn";
			},
		});
		darkroom = createDarkroom({ jobs: [draw], store: postgres(network.url, { schema }), engine: { lease: "10m" } });
		await darkroom.grantCredits({ owner, amount: 10, key: "starter" });
	});
	afterEach(async () => {
		await darkroom.stop({ graceMs: 0 });
		await network.close();
		await askPostgres(url(), `DROP SCHEMA ${schema} CASCADE`);
	});

	/** Until the server has committed it, whatever anyone was told. */
	async function committed(from: string): Promise<void> {
		while ((await askPostgres(url(), `SELECT FROM ${schema}.${from}`)).length === 0) await pause(10);
	}

	async function final(jobId: string): Promise<JobSnapshot> {
		for (;;) {
			const job = await darkroom.getJob({ viewer: owner, jobId }).catch((error) => {
				// Its connection was cut as well.
				if (!isDarkroomError(error, "store_unavailable")) throw error;
			});
			if (job && !["queued", "running"].includes(job.status)) return job;
			await pause(20);
		}
	}

	async function expectDrawnOnce(job: JobSnapshot): Promise<void> {
		expect(job).toMatchObject({ status: "completed", output: "drawn", attempt: 1, charged: 3 });
		expect(ran).toEqual(["sketch", "paint"]);
		expect(await darkroom.getBalance(owner)).toEqual({ posted: 7, held: 0, available: 7 });
	}

	test("of a step leaves the job with its worker, and the step is not done again", async () => {
		atTheEndOf.step = "sketch";
		const { id } = await darkroom.submit("draw", { owner, input: {} });
		await committed("steps WHERE name = 'sketch' AND status = 'completed'");
		network.keepAnswers();
		await expectDrawnOnce(await final(id));
	});

	test("of a job's end leaves it completed, and charged once", async () => {
		atTheEndOf.job = true;
		const { id } = await darkroom.submit("draw", { owner, input: {} });
		await committed("jobs WHERE status = 'completed'");
		network.keepAnswers();
		await expectDrawnOnce(await final(id));
	});

	test("of a submit is `store_unavailable`, and the same key again is the same job", async () => {
		const before = await darkroom.submit("draw", { owner, input: {}, idempotencyKey: "before" });
		await final(before.id);
		// It holds its credits until they have been looked at.
		mayBegin = new Promise(() => {});
		network.loseAnswers();
		const request = { owner, input: {}, idempotencyKey: "k" };
		const answer = expect(darkroom.submit("draw", request)).rejects.toMatchObject({ code: "store_unavailable" });
		await committed("jobs WHERE idempotency_key = 'k'");
		network.keepAnswers();
		await answer;
		const { id } = await darkroom.submit("draw", request);
		const jobs = await askPostgres(url(), `SELECT id FROM ${schema}.jobs WHERE idempotency_key = 'k'`);
		expect(jobs).toEqual([{ id }]);
		expect(await darkroom.getBalance(owner)).toMatchObject({ posted: 7, held: 3 });
	});
});
