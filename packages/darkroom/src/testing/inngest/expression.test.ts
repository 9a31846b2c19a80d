import { expect, test } from "vitest";
import { parseExpression } from "./expression.testsuite.ts";

const scope = {
	event: { name: "go", data: { jobId: "j1", owner: "o'1", count: 3, isUrgent: true } },
	async: { data: { jobId: "j1" } },
};

test.each([
	["event.data.jobId == async.data.jobId", true],
	["event.data.jobId != async.data.jobId", false],
	["event.data.function_id == 'studio-five'", false],
	[`event.data.owner == "o'1"`, true],
	["event.data.owner == 'o\\'1'", true],
	["event.data.missing == null", true],
	["event.data.missing.further == 'x'", false],
	["event.data.count > 2 && event.data.count <= 3", true],
	["event.data.count > 'a'", false],
	["!(event.data.isUrgent == true) || event.name == 'go'", true],
	["event.data.owner", "o'1"],
	["-5", -5],
])("%s is %s", (text, value) => {
	expect(parseExpression(text)(scope)).toBe(value);
});

test.each(["event.data.a + 'x'", "size(event.data.list)", "events.data", "event.data.jobId ==", "1.5", "'open", ""])(
	"%s is refused",
	(text) => {
		expect(() => parseExpression(text)).toThrow("does not understand");
	},
);
