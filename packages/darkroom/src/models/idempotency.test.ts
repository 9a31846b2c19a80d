import { expect, test } from "vitest";
import { createCallNames } from "./idempotency.ts";

const keyOf = (stepKey: string, options: object) => createCallNames().named(stepKey, options, async (key) => key);

test("two tries of one question have one key, whatever their signals and headers", async () => {
	const photo = new Uint8Array([1, 2, 3]);
	const first = await keyOf("job:draw", { prompt: "a", files: [photo], abortSignal: new AbortController().signal });
	const again = await keyOf("job:draw", { prompt: "a", files: [new Uint8Array([1, 2, 3])], headers: { a: "b" } });
	expect(again).toBe(first);
});

test("another photo, prompt, nesting or step has another key", async () => {
	const keys = await Promise.all([
		keyOf("job:draw", { prompt: "a", files: [new Uint8Array([1])] }),
		keyOf("job:draw", { prompt: "a", files: [new Uint8Array([2])] }),
		keyOf("job:draw", { prompt: "b", files: [new Uint8Array([1])] }),
		keyOf("job:draw", { prompt: ["a"], files: [new Uint8Array([1])] }),
		keyOf("job:draw:2", { prompt: "a", files: [new Uint8Array([1])] }),
	]);
	expect(new Set(keys).size).toBe(keys.length);
});

test("equal questions under way at once have different keys, and the first one's key is free again after", async () => {
	const names = createCallNames();
	const seen: string[] = [];
	const ask = () => names.named("job:draw", { prompt: "a" }, async (key) => void seen.push(key));
	await Promise.all([ask(), ask()]);
	await ask();
	expect(seen[1]).not.toBe(seen[0]);
	expect(seen[2]).toBe(seen[0]);
});

test("a step's name that no header could carry still makes a key", async () => {
	expect(await keyOf("job:Größe → ü", {})).toMatch(/^[\x21-\x7e]{1,255}$/);
	expect(await keyOf("x".repeat(500), {})).toMatch(/^[\x21-\x7e]{1,255}$/);
});
