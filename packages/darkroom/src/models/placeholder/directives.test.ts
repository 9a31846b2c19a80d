import { expect, test } from "vitest";
import { readDirectives, withoutDirectives } from "./directives.ts";

test("directives are read wherever they stand and however they are written", () => {
	expect(readDirectives("a [slow:1.5s] fox\n[FLAKY:3] and [Garbage] [gate]")).toEqual({
		slowMs: 1_500,
		fail: false,
		flaky: 3,
		moderated: false,
		garbage: true,
		gate: true,
	});
});

test("what only resembles a directive is left alone", () => {
	const text = "[slow] [slow:fast] [flaky] [failed] (fail) [gated]";
	expect(readDirectives(text)).toEqual({
		slowMs: 0,
		fail: false,
		flaky: 0,
		moderated: false,
		garbage: false,
		gate: false,
	});
	expect(withoutDirectives(text)).toBe(text);
});

test("no wait is longer than ten minutes", () => {
	expect(readDirectives("[slow:9999m]").slowMs).toBe(600_000);
});

test("a prompt without its directives keeps its lines and words", () => {
	expect(withoutDirectives("Hero: Pip [fail] the rabbit\nNotes: [slow:8s]none")).toBe(
		"Hero: Pip the rabbit\nNotes: none",
	);
});
