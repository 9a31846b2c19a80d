import { describe, expect, it } from "vitest";
import type { JobDefinition } from "../engine/define-job.ts";
import type { JobSnapshot } from "../http/protocol.ts";
import { ProblemError } from "./problem-error.ts";
import { snapshot } from "./snapshot.testsuite.ts";
import { Submitter } from "./submitter.ts";

function submitting() {
	const sent: { readonly input: unknown; readonly answer: PromiseWithResolvers<JobSnapshot> }[] = [];
	const submitter = new Submitter<JobDefinition>((input) => {
		const answer = Promise.withResolvers<JobSnapshot>();
		sent.push({ input, answer });
		return answer.promise;
	});
	return { submitter, sent };
}

const refusal = new ProblemError("insufficient_credits", {
	status: 402,
	title: "Not enough credits",
	detail: "This needs 3 credits; you have 1.",
	retryable: false,
});

describe("a form's submit", () => {
	it("is sent once however often it is pressed, and answers every press", async () => {
		const { submitter, sent } = submitting();
		const presses = [1, 2, 3].map(() => submitter.submit({ photo: "p" }));
		expect(sent).toHaveLength(1);
		expect(submitter.getSnapshot().isSubmitting).toBe(true);
		sent[0]?.answer.resolve(snapshot({ id: "a" }));
		expect((await Promise.all(presses)).map((job) => job.id)).toEqual(["a", "a", "a"]);
		expect(submitter.getSnapshot()).toEqual({ isSubmitting: false, error: null });
	});

	it("can be pressed again when the first is accepted", async () => {
		const { submitter, sent } = submitting();
		const first = submitter.submit({});
		sent[0]?.answer.resolve(snapshot({ id: "a" }));
		await first;
		void submitter.submit({});
		expect(sent).toHaveLength(2);
	});

	it("sends other input, and other keys, of their own", () => {
		const { submitter, sent } = submitting();
		void submitter.submit({ page: 1 });
		void submitter.submit({ page: 2 });
		void submitter.submit({ page: 1 }, { idempotencyKey: "again" });
		expect(sent.map(({ input }) => input)).toEqual([{ page: 1 }, { page: 2 }, { page: 1 }]);
	});

	it("keeps the error until the next submit or a reset", async () => {
		const { submitter, sent } = submitting();
		const job = submitter.submit({});
		sent[0]?.answer.reject(refusal);
		await expect(job).rejects.toBe(refusal);
		expect(submitter.getSnapshot()).toEqual({ isSubmitting: false, error: refusal });
		void submitter.submit({});
		expect(submitter.getSnapshot()).toEqual({ isSubmitting: true, error: null });
		sent[1]?.answer.resolve(snapshot({ id: "a" }));
	});

	it("tells nothing to a form that has gone", async () => {
		const { submitter, sent } = submitting();
		let calls = 0;
		const leave = submitter.subscribe(() => calls++);
		const job = submitter.submit({});
		expect(calls).toBe(1);
		leave();
		sent[0]?.answer.resolve(snapshot({ id: "a" }));
		await job;
		expect(calls).toBe(1);
	});
});
