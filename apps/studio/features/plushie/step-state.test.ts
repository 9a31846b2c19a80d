import { expect, it } from "vitest";
import { stepState, triesWords } from "./step-state.ts";

it("is under way only while somebody works on the job", () => {
	expect(stepState({ status: "running" }, "running")).toBe("running");
	expect(stepState({ status: "running" }, "queued")).toBe("waiting");
	expect(stepState({ status: "failed" }, "running")).toBe("running");
	expect(stepState({ status: "failed" }, "queued")).toBe("waiting");
});

it("is stopped, not failed, where the maker has cancelled the job", () => {
	expect(stepState({ status: "failed" }, "cancelled")).toBe("stopped");
	expect(stepState({ status: "running" }, "cancelled")).toBe("stopped");
	expect(stepState(undefined, "cancelled")).toBe("waiting");
	expect(stepState({ status: "failed" }, "failed")).toBe("failed");
});

it("is done once it is done, whatever became of the job", () => {
	for (const job of ["queued", "running", "completed", "failed", "cancelled"] as const) {
		expect(stepState({ status: "completed" }, job)).toBe("completed");
	}
});

it("tells of a lost try, and of another one only while there is one", () => {
	expect(triesWords({ status: "failed", attempts: 1 }, "running")).toBe("try 1 failed, trying again");
	expect(triesWords({ status: "failed", attempts: 1 }, "queued")).toBe("try 1 failed");
	expect(triesWords({ status: "completed", attempts: 2 }, "running")).toBe("try 2");
	expect(triesWords({ status: "failed", attempts: 3 }, "failed")).toBe("3 tries");
	expect(triesWords({ status: "completed", attempts: 1 }, "completed")).toBeUndefined();
});
