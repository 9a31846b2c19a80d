import { describe, expect, test } from "vitest";
import type { Submission } from "../../store/store.ts";
import { type CreateStore, outcomesOf, StoreRig } from "./rig.testsuite.ts";

/** Submits at once, spread over the connections. */
const many = 50;

export function describeAdmissionRaces(create: CreateStore): void {
	describe("fifty submits at once, from every connection", () => {
		const rig = StoreRig.use(create);

		async function submitMany(given: (i: number) => Partial<Submission>) {
			const connections = await rig.connections();
			return outcomesOf(
				Array.from({ length: many }, (_, i) => {
					const store = connections[i % connections.length];
					if (!store) throw new Error("No connection.");
					return store.submitJob(rig.submission(given(i)));
				}),
			);
		}

		test("for the last credit: one gets it, and no more is held than was there", async () => {
			await rig.grant("ada", 1);
			const { values, codes } = await submitMany(() => ({ price: 1 }));
			expect(values).toHaveLength(1);
			expect(new Set(codes)).toEqual(new Set(["insufficient_credits"]));
			expect(await rig.store.readBalance("ada")).toEqual({ posted: 1, held: 1, available: 0 });
		});

		test("for the last place under the owner's limit: as many as it says get in", async () => {
			const { values, codes } = await submitMany(() => ({ activePerOwner: 5 }));
			expect(values).toHaveLength(5);
			expect(new Set(codes)).toEqual(new Set(["too_many_active"]));
			expect(await rig.store.countActive("ada", "draw")).toBe(5);
		});

		test("on one subject: one is accepted, the others are in conflict with it", async () => {
			const { values, codes } = await submitMany(() => ({ subject: "story:1" }));
			expect(values).toHaveLength(1);
			expect(new Set(codes)).toEqual(new Set(["conflict"]));
		});

		test("with one idempotency key: one job, one hold, and everybody is told of it", async () => {
			await rig.grant("ada", many);
			const { values, codes } = await submitMany(() => ({ idempotencyKey: "k", price: 1 }));
			expect(codes).toEqual([]);
			expect(values.filter(({ created }) => created)).toHaveLength(1);
			expect(new Set(values.map(({ job }) => job.id)).size).toBe(1);
			expect((await rig.store.readBalance("ada")).held).toBe(1);
		});

		test("for a stale subject: it is cleared once, and one takes its place", async () => {
			await rig.grant("ada", 1);
			const stuck = await rig.running({ subject: "story:1", price: 1 });
			rig.now += 300_001;
			const { values, codes } = await submitMany(() => ({ subject: "story:1", price: 1, staleAfterMs: 300_000 }));
			expect(values).toHaveLength(1);
			expect(new Set(codes)).toEqual(new Set(["conflict"]));
			expect((await rig.read(stuck)).job.error?.code).toBe("cleared");
			expect((await rig.store.readBalance("ada")).held).toBe(1);
		});

		test("with a running place for two: two wait for a worker, the rest for their owner", async () => {
			const { values } = await submitMany(() => ({ runningPerOwner: 2 }));
			const waits = values.map(({ job }) => job.waitsFor);
			expect(waits.filter((what) => what === "worker")).toHaveLength(2);
			expect(waits.filter((what) => what === "owner")).toHaveLength(many - 2);
		});

		test("and the workers of every connection claim each job once", async () => {
			const connections = await rig.connections();
			await submitMany(() => ({}));
			const claims = Array.from({ length: 20 }, (_, i) => {
				const leaseToken = () => `${i}-${Math.random()}`;
				const claim = {
					kinds: ["draw"],
					limit: 5,
					leaseExpiresAt: rig.now + 1,
					now: rig.now,
					newLeaseToken: leaseToken,
				};
				return connections[i % connections.length]?.claimJobs(claim) ?? [];
			});
			const ids = (await Promise.all(claims)).flat().map(({ job }) => job.id);
			expect(ids).toHaveLength(many);
			expect(new Set(ids).size).toBe(many);
		});
	});
}
