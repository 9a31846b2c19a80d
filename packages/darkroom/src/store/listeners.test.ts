import { afterEach, expect, test, vi } from "vitest";
import { Listeners } from "./listeners.ts";

afterEach(() => {
	vi.restoreAllMocks();
});

test("a listener that throws keeps no other from the news, and its error is thrown by itself", () => {
	const thrown = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
	const listeners = new Listeners<string>();
	const heard: string[] = [];
	listeners.add(() => {
		throw new Error("A listener's own fault.");
	});
	listeners.add((news) => heard.push(news));
	listeners.tell("a job has ended");
	expect(heard).toEqual(["a job has ended"]);
	expect(thrown).toHaveBeenCalledTimes(1);
	expect(thrown.mock.calls[0]?.[0]).toThrow("A listener's own fault.");
});

test("a listener that was stopped hears nothing more, and the others do", () => {
	const listeners = new Listeners<string>();
	const heard: string[] = [];
	const stop = listeners.add((news) => heard.push(`first: ${news}`));
	listeners.add((news) => heard.push(`second: ${news}`));
	listeners.tell("begun");
	stop();
	listeners.tell("ended");
	expect(heard).toEqual(["first: begun", "second: begun", "second: ended"]);
	expect(listeners.size).toBe(1);
});
