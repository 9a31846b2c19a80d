import { describe, expect, test } from "vitest";
import type { Elsewhere } from "../../store/store.ts";
import { type AppTransaction, codeOf, type JoinableUnderTest, StoreRig } from "./rig.testsuite.ts";

/** For stores whose database the app can have a transaction on; the rest of the suite is for every store. */
export function describeJoined(name: string, create: () => Promise<JoinableUnderTest>): void {
	describe(`${name}: a submit inside the app's own transaction`, () => {
		const rig = StoreRig.use(create);
		const begin = () => rig.under.transaction();
		const submitWithin = ({ client }: AppTransaction, given: Parameters<typeof rig.submission>[0] = {}) =>
			rig.store.submitJob(rig.submission(given), client);
		const jobsOf = (viewer: string) => rig.store.listJobs({ viewer, limit: 10 });

		test("is there with the app's row when the app commits, and not before", async () => {
			await rig.grant("ada", 5);
			const app = await begin();
			await app.write("story 1");
			const { job, created } = await submitWithin(app, { price: 2, subject: "story:1", idempotencyKey: "k" });
			expect(created).toBe(true);
			expect(await jobsOf("ada")).toEqual([]);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 5, held: 0, available: 5 });
			await app.commit();
			expect(await app.committed()).toEqual(["story 1"]);
			expect((await rig.read(job)).job).toEqual(job);
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 5, held: 2, available: 3 });
			expect((await rig.claimOne()).id).toBe(job.id);
		});

		test("leaves nothing when the app rolls back, and the next one is as if it had not been", async () => {
			await rig.grant("ada", 2);
			const before = await rig.everythingOf("ada");
			const app = await begin();
			await app.write("story 1");
			await submitWithin(app, { price: 2, subject: "story:1", idempotencyKey: "k" });
			await app.rollback();
			expect(await app.committed()).toEqual([]);
			expect(await rig.everythingOf("ada")).toEqual(before);
			const { job, created } = await rig.submitted({ price: 2, subject: "story:1", idempotencyKey: "k" });
			expect(created).toBe(true);
			await rig.complete(await rig.claimOne());
			expect((await rig.read(job)).job).toMatchObject({ status: "completed", charged: 2 });
		});

		test("that is refused leaves the app's transaction as it was: it can go on and commit", async () => {
			await rig.grant("ada", 1);
			await rig.submit({ subject: "story:1" });
			const app = await begin();
			await app.write("story 1");
			expect(await codeOf(submitWithin(app, { price: 2 }))).toBe("insufficient_credits");
			expect(await codeOf(submitWithin(app, { subject: "story:1" }))).toBe("conflict");
			expect(await codeOf(submitWithin(app, { activePerOwner: 1 }))).toBe("too_many_active");
			const { job } = await submitWithin(app, { price: 1 });
			await app.commit();
			expect(await app.committed()).toEqual(["story 1"]);
			expect((await jobsOf("ada")).map((one) => one.job.id)).toContain(job.id);
			expect(await rig.store.readBalance("ada")).toMatchObject({ held: 1, available: 0 });
		});

		test("sees what it submitted before in the same transaction", async () => {
			await rig.grant("ada", 3);
			const app = await begin();
			const { job } = await submitWithin(app, { price: 2, idempotencyKey: "k" });
			const again = await submitWithin(app, { price: 2, idempotencyKey: "k" });
			expect(again).toMatchObject({ created: false, job: { id: job.id } });
			expect(await codeOf(submitWithin(app, { price: 2 }))).toBe("insufficient_credits");
			await app.commit();
			expect(await rig.store.readBalance("ada")).toMatchObject({ held: 2 });
		});

		test("never takes an offer, and everyone hears of the job when the app commits", async () => {
			const heard = new Promise<Elsewhere>((resolve) => {
				rig.store.onElsewhere((news) => {
					if (news.claimable && (news.owners === null || news.owners.includes("ada"))) resolve(news);
				});
			});
			await rig.store.open();
			const app = await begin();
			const offer = { leaseToken: "t", leaseExpiresAt: rig.now + 30_000 };
			const { claimed, job } = await submitWithin(app, { offer });
			expect(claimed).toBe(false);
			expect(job.status).toBe("queued");
			await app.commit();
			await heard;
		});

		test("with something that is no such connection is refused as misconfigured", async () => {
			expect(await codeOf(rig.store.submitJob(rig.submission(), {}))).toBe("misconfigured");
			expect(await codeOf(rig.store.submitJob(rig.submission(), null))).toBe("misconfigured");
		});
	});
}
