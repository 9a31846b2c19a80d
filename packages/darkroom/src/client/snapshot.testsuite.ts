import type { JobSnapshot } from "../http/protocol.ts";

/** A job as the server would send it, with what a test cares about. */
export function snapshot(fields: Partial<JobSnapshot> & Pick<JobSnapshot, "id">): JobSnapshot {
	return {
		kind: "echo",
		status: "running",
		progress: 0,
		message: null,
		steps: [],
		input: {},
		price: 0,
		charged: 0,
		attempt: 1,
		version: 1,
		createdAt: "2026-01-01T00:00:00.000Z",
		...fields,
	};
}
