import { describe, expect, test } from "vitest";
import { isDarkroomError } from "../../core/errors.ts";
import { type CreateRig, final, job, leaseMs, type Process, seen, signal } from "./rig.testsuite.ts";

/** A guest who signs up while something is still developing. */
export function describeTransfer(createRig: CreateRig): void {
	const rig = createRig();

	const [guest, ada] = ["guest", "ada"];
	const isRunning = ({ status }: { readonly status: string }) => status === "running";

	/** A job that asks a model, which answers when it is told to, and then writes down what came of it. */
	function asking({ runningPerOwner }: { readonly runningPerOwner?: number } = {}) {
		const told = { asked: 0, owners: [] as string[], interrupted: 0 };
		const begun = signal();
		const answer = signal<string>();
		const definition = job(
			"asking",
			async ({ step, job: running, signal: interrupted }) => {
				const seenFirst = await step.run("look", () => "a cat");
				const drawn = await step.run("draw", async () => {
					told.asked++;
					interrupted.addEventListener("abort", () => told.interrupted++);
					begun.resolve();
					return answer.promise;
				});
				return step.run("write", () => {
					told.owners.push(running.owner);
					return `${seenFirst}, ${drawn}`;
				});
			},
			{ credits: { price: 3 }, ...(runningPerOwner ? { limits: { runningPerOwner } } : {}) },
		);
		return { definition, told, begun: begun.promise, answer: answer.resolve };
	}

	async function submitAsGuest(process: Process, { definition, begun }: ReturnType<typeof asking>) {
		await process.darkroom.grantCredits({ owner: guest, amount: 5, key: "starter" });
		const submitted = await process.darkroom.submit(definition, { owner: guest, input: {} });
		await begun;
		return submitted;
	}

	async function expectPaidByAda({ darkroom }: Process): Promise<void> {
		expect(await darkroom.getBalance(guest)).toEqual({ posted: 0, held: 0, available: 0 });
		expect(await darkroom.getBalance(ada)).toEqual({ posted: 2, held: 0, available: 2 });
	}

	describe("a guest who signs up while a job runs", () => {
		test("has the model asked once: its answer counts, and all that follows is the new owner's", async () => {
			const work = asking();
			const process = rig.open({ jobs: [work.definition] });
			const { id } = await submitAsGuest(process, work);
			await process.darkroom.transferOwner({ from: guest, to: ada });
			const shown = await seen(process, isRunning, ada);
			expect(shown).toMatchObject({ id, attempt: 1 });
			const gone = await process.darkroom.getJob({ viewer: guest, jobId: id }).catch((error: unknown) => error);
			expect(isDarkroomError(gone, "not_found")).toBe(true);
			await rig.settle();
			expect(work.told.interrupted).toBe(0);

			work.answer("in blue");
			const done = await final(process, { id }, ada);
			expect(done).toMatchObject({ status: "completed", output: "a cat, in blue", attempt: 1, charged: 3 });
			expect(done.steps.map(({ name, attempts }) => [name, attempts])).toEqual([
				["look", 1],
				["draw", 1],
				["write", 1],
			]);
			expect(work.told).toMatchObject({ asked: 1, owners: [ada] });
			await expectPaidByAda(process);
		});

		test("has it asked once also where another process signs them up, and the worker has not heard of it", async () => {
			const work = asking();
			const worker = rig.open({ jobs: [work.definition] });
			const other = rig.open({ jobs: [work.definition], concurrency: 0 });
			const { id } = await submitAsGuest(worker, work);
			await other.darkroom.start();
			await other.darkroom.transferOwner({ from: guest, to: ada });
			work.answer("in blue");
			const done = await worker.clock.until(final(worker, { id }, ada));
			expect(done).toMatchObject({ status: "completed", output: "a cat, in blue", attempt: 1, charged: 3 });
			expect(work.told.asked).toBe(1);
			await expectPaidByAda(other);
		});

		test("keeps it from being taken by another worker, for as long as its own lives", async () => {
			const work = asking();
			const worker = rig.open({ jobs: [work.definition] });
			const { id } = await submitAsGuest(worker, work);
			const other = rig.open({ jobs: [work.definition], clock: worker.clock });
			await other.darkroom.start();
			await other.darkroom.transferOwner({ from: guest, to: ada });
			await worker.clock.advance(leaseMs * 3);
			work.answer("in blue");
			expect(await final(worker, { id }, ada)).toMatchObject({ status: "completed", attempt: 1 });
			expect(work.told.asked).toBe(1);
		});

		test("has it done by another worker when its own dies", async () => {
			const work = asking();
			const worker = rig.open({ jobs: [work.definition] });
			const { id } = await submitAsGuest(worker, work);
			await worker.darkroom.transferOwner({ from: guest, to: ada });
			await worker.crash();
			const other = rig.open({ jobs: [work.definition] });
			await other.darkroom.start();
			work.answer("in blue");
			const done = await other.clock.until(final(other, { id }, ada));
			const attempt = rig.attemptAfterCrash;
			expect(done).toMatchObject({ status: "completed", output: "a cat, in blue", attempt, charged: 3 });
			await expectPaidByAda(other);
		});

		test("can cancel it as the one they are now, and its code is interrupted", async () => {
			const work = asking();
			const process = rig.open({ jobs: [work.definition] });
			const { id } = await submitAsGuest(process, work);
			await process.darkroom.transferOwner({ from: guest, to: ada });
			expect(await process.darkroom.cancelJob({ viewer: ada, jobId: id })).toMatchObject({ status: "cancelled" });
			expect(work.told.interrupted).toBe(1);
			expect(await process.darkroom.getBalance(ada)).toEqual({ posted: 5, held: 0, available: 5 });
		});

		test("and has as many running already as may, sees it wait for its place, and nothing of it is lost", async () => {
			const own = asking({ runningPerOwner: 1 });
			const process = rig.open({ jobs: [own.definition] });
			await process.darkroom.grantCredits({ owner: ada, amount: 3, key: "starter" });
			const { id: ownId } = await process.darkroom.submit(own.definition, { owner: ada, input: {} });
			await own.begun;
			await process.darkroom.grantCredits({ owner: guest, amount: 5, key: "starter" });
			const { id } = await process.darkroom.submit(own.definition, { owner: guest, input: {} });
			await seen(process, (one) => one.id === id && one.steps.length === 2, guest);
			await process.darkroom.transferOwner({ from: guest, to: ada });
			expect(await process.darkroom.getJob({ viewer: ada, jobId: id })).toMatchObject({
				status: "queued",
				steps: [{ name: "look", status: "completed" }, { name: "draw" }],
			});
			own.answer("in blue");
			expect(await final(process, { id: ownId }, ada)).toMatchObject({ status: "completed", attempt: 1 });
			expect(await final(process, { id }, ada)).toMatchObject({ status: "completed", attempt: 1, charged: 3 });
			await rig.settle();
			await expectPaidByAda(process);
		});
	});
}
