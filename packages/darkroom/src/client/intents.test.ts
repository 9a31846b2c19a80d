import { describe, expect, it } from "vitest";
import { Intents } from "./intents.ts";

describe("an intent", () => {
	it("has a key of its own each time", () => {
		const intents = new Intents();
		const keys = Array.from({ length: 100 }, () => intents.begin("echo", { text: "a" }));
		expect(new Set(keys).size).toBe(100);
		expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
	});

	it("is resumed under its key after a lost answer, by the same kind and input alone", () => {
		const intents = new Intents();
		const key = intents.begin("echo", { text: "a" });
		intents.keepOpen("echo", { text: "a" }, key);
		expect(intents.begin("echo", { text: "b" })).not.toBe(key);
		expect(intents.begin("other", { text: "a" })).not.toBe(key);
		expect(intents.begin("echo", { text: "a" })).toBe(key);
		expect(intents.begin("echo", { text: "a" })).not.toBe(key);
	});

	it("is resumed once each when several were lost", () => {
		const intents = new Intents();
		for (const key of ["k1", "k2"]) intents.keepOpen("echo", {}, key);
		expect([intents.begin("echo", {}), intents.begin("echo", {})]).toEqual(["k1", "k2"]);
	});
});
