import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type DarkroomError, isDarkroomError } from "./errors.ts";
import { type Fault, parse, parseNow, type Schema } from "./schema.ts";

async function refusal(schema: Schema, value: unknown): Promise<DarkroomError> {
	try {
		await parse(schema, value, "input");
	} catch (error) {
		if (isDarkroomError(error, "invalid_input")) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

const pathsOf = (error: DarkroomError) => (error.data.issues as Fault[]).map(({ path }) => path);

/** A schema that refuses everything, at this path, in the words that Standard Schema has for paths. */
function refusingAt(path: readonly (PropertyKey | { key: PropertyKey })[], isAsync: boolean): Schema {
	const result = { issues: [{ message: "Wrong", path }] };
	return {
		"~standard": { version: 1, vendor: "test", validate: () => (isAsync ? Promise.resolve(result) : result) },
	};
}

describe("a value that its schema refuses", () => {
	test("is invalid input, with the path of every fault", async () => {
		const schema = z.object({
			photo: z.string(),
			pages: z.array(z.object({ text: z.string().min(1) })),
		});
		const error = await refusal(schema, { pages: [{ text: "once" }, { text: "" }, { text: 3 }] });
		expect(pathsOf(error)).toEqual(["photo", "pages.1.text", "pages.2.text"]);
		expect(error.detail).toMatch(/^The input is not valid: photo: /);
	});

	test("has up to five faults in its sentence, all of them in the list, and how many more there are", async () => {
		const schema = z.array(z.string("Write a word."));
		const sentence = (count: number) =>
			refusal(
				schema,
				Array.from({ length: count }, () => 7),
			);
		expect((await sentence(2)).detail).toBe("The input is not valid: 0: Write a word; 1: Write a word.");
		const five = await sentence(5);
		expect(five.detail).toMatch(/; 4: Write a word\.$/);
		const seven = await sentence(7);
		expect(seven.detail).toBe(`${five.detail.slice(0, -1)}; and 2 more.`);
		expect(pathsOf(seven)).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
	});

	test("for a field that is missing says so, and not what a library calls it", async () => {
		const schema = z.object({ input: z.unknown(), photo: z.string(), pages: z.object({ count: z.number() }) });
		const { data } = await refusal(schema, { pages: {} });
		expect(data.issues).toEqual(["input", "photo", "pages.count"].map((path) => ({ path, message: "Required" })));
	});

	test("for fields that a strict object does not know names each by its path", async () => {
		const schema = z.strictObject({ text: z.string(), style: z.strictObject({ ink: z.string().optional() }) });
		const { data, detail } = await refusal(schema, { text: "a", size: 1, style: { colour: "red", width: 2 } });
		const message = "is not a field of the input";
		const paths = (data.issues as Fault[]).map(({ path }) => path).sort();
		expect(paths).toEqual(["size", "style.colour", "style.width"]);
		expect(data.issues).toContainEqual({ path: "style.colour", message });
		expect(detail).toContain(message);
	});

	test("as a whole has the empty path, and the sentence does without one", async () => {
		const error = await refusal(z.string(), 7);
		expect(pathsOf(error)).toEqual([""]);
		expect(error.detail).toBe("The input is not valid: must be text, not a number.");
	});

	test("has its faults at the same path whether keys stand plain or wrapped, at once or later", async () => {
		const keys = fc.array(fc.oneof(fc.stringMatching(/^[a-z]{1,8}$/), fc.nat(99)), { maxLength: 6 });
		await fc.assert(
			fc.asyncProperty(keys, fc.boolean(), fc.boolean(), async (path, wrapped, isAsync) => {
				const given = wrapped ? path.map((key) => ({ key })) : path;
				expect(pathsOf(await refusal(refusingAt(given, isAsync), null))).toEqual([path.join(".")]);
			}),
		);
	});

	test("by a key that is a symbol is still named", async () => {
		expect(pathsOf(await refusal(refusingAt([Symbol("secret")], false), null))).toEqual(["Symbol(secret)"]);
	});

	test("is refused by parseNow in the same words", async () => {
		const error = await refusal(z.number(), "one");
		expect(() => parseNow(z.number(), "one", "input")).toThrow(error.detail);
	});
});

describe("a value that its schema accepts", () => {
	test("comes out as the schema makes it", async () => {
		const schema = z.object({ title: z.string().trim(), pages: z.number().default(8) });
		expect(await parse(schema, { title: " Fox " }, "input")).toEqual({ title: "Fox", pages: 8 });
		expect(parseNow(schema, { title: " Fox " }, "input")).toEqual({ title: "Fox", pages: 8 });
	});

	test("by a schema that takes its time is waited for", async () => {
		const schema = z.string().refine(async (text) => text.length > 2);
		expect(await parse(schema, "fox", "input")).toBe("fox");
		expect(await parseNow(schema, "fox", "input")).toBe("fox");
		await expect(parseNow(schema, "a", "input")).rejects.toMatchObject({ code: "invalid_input" });
	});
});
