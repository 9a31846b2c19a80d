import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isActive, isFinal, type JobEvent, type JobStatus, jobStatuses, nextStatus } from "./status.ts";

const events: JobEvent[] = ["claim", "release", "complete", "fail", "cancel", "retry"];
const anyEvents = fc.array(fc.constantFrom(...events), { maxLength: 40 });

/** Every status on the way, the first included; events that cannot happen change nothing. */
function follow(sequence: readonly JobEvent[]): JobStatus[] {
	const path: JobStatus[] = ["queued"];
	for (const event of sequence) {
		const next = nextStatus(path.at(-1) as JobStatus, event);
		if (next) path.push(next);
	}
	return path;
}

describe("the life of a job", () => {
	test("no sequence of events leaves the table", () => {
		fc.assert(
			fc.property(anyEvents, (sequence) => {
				for (const status of follow(sequence)) expect(jobStatuses).toContain(status);
			}),
		);
	});

	test("a final job stays as it is under everything but a retry", () => {
		const withoutRetry = fc.array(fc.constantFrom(...events.filter((event) => event !== "retry")), { maxLength: 40 });
		fc.assert(
			fc.property(withoutRetry, (sequence) => {
				const path = follow(sequence);
				const end = path.findIndex(isFinal);
				if (end >= 0) expect(path.length).toBe(end + 1);
			}),
		);
	});

	test("a completed job cannot even be retried", () => {
		for (const event of events) expect(nextStatus("completed", event)).toBeUndefined();
	});

	test("a retry leads to the queue, and only from failed and cancelled", () => {
		const retried = jobStatuses.map((status) => [status, nextStatus(status, "retry")]);
		expect(retried.filter(([, next]) => next)).toEqual([
			["failed", "queued"],
			["cancelled", "queued"],
		]);
	});

	test("only a running job completes, so nothing is paid for that nobody worked on", () => {
		const completing = jobStatuses.filter((status) => nextStatus(status, "complete"));
		expect(completing).toEqual(["running"]);
	});

	test("an active job can always be ended, so none is stuck for ever", () => {
		for (const status of jobStatuses.filter(isActive)) {
			expect(nextStatus(status, "fail")).toBe("failed");
			expect(nextStatus(status, "cancel")).toBe("cancelled");
		}
	});

	test("every status is either active or final", () => {
		for (const status of jobStatuses) expect(isActive(status)).toBe(!isFinal(status));
	});
});
