import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rowLimitBytes, toRowJson } from "./json.ts";

const bytes: [string, unknown][] = [
	["a Uint8Array", new Uint8Array(4)],
	["a Buffer", Buffer.from("photo")],
	["a Float32Array", new Float32Array(2)],
	["a DataView", new DataView(new ArrayBuffer(2))],
	["an ArrayBuffer", new ArrayBuffer(4)],
	["a Blob", new Blob(["photo"])],
	["a base64 data URL", `data:image/png;base64,${"iVBORw0KGgo".repeat(8)}`],
];

/** Puts a value at the end of a path of keys (objects) and indices (arrays). */
function bury(value: unknown, path: readonly (string | number)[]): unknown {
	return path.reduceRight((inner: unknown, key) => {
		return typeof key === "string" ? { before: 1, [key]: inner } : [...Array(key).fill(null), inner];
	}, value);
}

const path = fc.array(fc.oneof(fc.stringMatching(/^[a-z]{1,6}$/), fc.nat(4)), { maxLength: 12 });

describe("bytes never enter a row", () => {
	test.each(bytes)("%s is refused at any depth", (_, value) => {
		fc.assert(
			fc.property(path, (path) => {
				expect(() => toRowJson(bury(value, path), "result of a step")).toThrow(
					expect.objectContaining({ code: "bytes_in_row", detail: expect.stringContaining("result of a step") }),
				);
			}),
		);
	});
});

describe("what enters a row", () => {
	test("comes back the same", () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				fc.pre(!JSON.stringify(value).includes(";base64,"));
				expect(JSON.parse(toRowJson(value, "input"))).toEqual(JSON.parse(JSON.stringify(value)));
			}),
		);
	});

	test.each([
		["undefined", undefined],
		["null", null],
		["a function", () => 1],
	])("is null for %s", (_, value) => expect(toRowJson(value, "input")).toBe("null"));

	test("may be exactly as large as the limit, and not a byte larger", () => {
		const quotes = 2;
		expect(toRowJson("x".repeat(rowLimitBytes - quotes), "input").length).toBe(rowLimitBytes);
		expect(() => toRowJson("x".repeat(rowLimitBytes - quotes + 1), "input")).toThrow(
			expect.objectContaining({ code: "too_large", data: { limit: rowLimitBytes } }),
		);
	});

	test("is measured in bytes, not in characters", () => {
		expect(() => toRowJson("€".repeat(100_000), "input")).toThrow(expect.objectContaining({ code: "too_large" }));
		expect(toRowJson("€".repeat(80_000), "input")).toHaveLength(80_002);
	});
});
