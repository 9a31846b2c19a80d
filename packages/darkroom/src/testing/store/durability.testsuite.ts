import { describe, expect, test } from "vitest";
import { type CreateStore, codeOf, StoreRig } from "./rig.testsuite.ts";

export function describeDurability(create: CreateStore): void {
	describe("a restart", () => {
		const rig = StoreRig.use(create);

		test("finds everything that was acknowledged", async () => {
			await rig.grant("ada", 20);
			await rig.submit({ price: 1, idempotencyKey: "k", subject: "story:1" });
			const job = await rig.running({ price: 2, priority: 1 });
			await rig.completeStep(job, "draw", { picture: 1 });
			await rig.complete(await rig.running({ price: 3, priority: 1 }));
			const before = await rig.everythingOf("ada");
			await rig.reopen();
			expect(await rig.everythingOf("ada")).toEqual(before);
			expect((await rig.submitted({ idempotencyKey: "k" })).created).toBe(false);
			expect(await codeOf(rig.submit({ subject: "story:1" }))).toBe("conflict");
		});

		test("lets a worker that still has its lease go on", async () => {
			const job = await rig.running();
			await rig.reopen();
			await rig.completeStep(job, "draw", 1);
			await rig.complete(job);
			expect((await rig.read(job)).job.status).toBe("completed");
		});

		test("opens as often as it is asked to", async () => {
			await rig.store.open();
			await rig.store.open();
			await rig.submit();
		});
	});

	describe("closing", () => {
		const rig = StoreRig.use(create);

		test("finishes what was asked for before, and refuses what comes after with `stopped`", async () => {
			const asked = Array.from({ length: 700 }, () => rig.submit());
			const closing = rig.store.close();
			const late = codeOf(rig.submit());
			const ids = (await Promise.all(asked)).map(({ id }) => id);
			await closing;
			expect(await late).toBe("stopped");
			expect(await codeOf(rig.submit())).toBe("stopped");
			expect(await codeOf(rig.store.readBalance("ada"))).toBe("stopped");
			await rig.reopen();
			const found = await rig.store.listJobs({ viewer: "ada", limit: 1_000 });
			expect(found.map(({ job }) => job.id).sort()).toEqual(ids.sort());
		});

		test("twice, at once or later, is the same as once", async () => {
			await rig.submit();
			await Promise.all([rig.store.close(), rig.store.close()]);
			await rig.store.close();
			await rig.reopen();
			expect(await rig.store.countActive("ada", "draw")).toBe(1);
		});
	});
}
