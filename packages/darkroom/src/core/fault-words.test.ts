import { describe, expect, test } from "vitest";
import { z } from "zod";
import { inOurWords } from "./fault-words.ts";

/** What zod itself says of the value, and nobody has worded yet. */
function saidOf(schema: z.ZodType, value: unknown): string {
	const { error } = schema.safeParse(value);
	const [issue] = error?.issues ?? [];
	if (!issue) throw new Error("it was accepted");
	return issue.message;
}

describe("what the installed zod says by itself is said in words for people", () => {
	test.each([
		[z.object({}), [], "must be an object, not an array"],
		[z.array(z.string()), {}, "must be an array, not an object"],
		[z.string(), 7, "must be text, not a number"],
		[z.string(), null, "must be text, not null"],
		[z.string(), true, "must be text, not true or false"],
		[z.string(), new Map(), "must be text"],
		[z.number(), "7", "must be a number, not text"],
		[z.number(), Number.NaN, "must be a number, not NaN"],
		[z.boolean(), "yes", "must be true or false, not text"],
		[z.int(), 1.5, "must be a whole number"],
		[z.never(), "here", "must be left out"],
		[z.string().min(1), "", "must have at least 1 character"],
		[z.string().max(500), "a".repeat(501), "must have at most 500 characters"],
		[z.string().length(2), "a", "must have exactly 2 characters"],
		[z.array(z.string()).min(2), [], "must have at least 2 items"],
		[z.array(z.string()).max(1), ["a", "b"], "must have at most 1 item"],
		[z.map(z.string(), z.string()).min(1), new Map(), "must have at least 1 entry"],
		[z.number().min(3), 2, "must be at least 3"],
		[z.number().max(-1.5), 0, "must be at most -1.5"],
		[z.number().positive(), 0, "must be more than 0"],
		[z.number().negative(), 0, "must be less than 0"],
		[z.bigint().min(3n), 2n, "must be at least 3"],
		[z.number().multipleOf(5), 3, "must be a multiple of 5"],
		[z.enum(["a", "b c"]), "x", "must be one of a, b c"],
		[z.enum(["a", ""]), "x", 'must be one of a, ""'],
		[z.literal([1, "two"]), "x", "must be one of 1, two"],
		[z.literal("a, b"), "x", "must be a, b"],
		[z.literal(true), "x", "must be true"],
		[
			z.discriminatedUnion("is", [z.object({ is: z.literal("a") }), z.object({ is: z.literal("b") })]),
			{},
			"must be one of a, b",
		],
		[z.union([z.string(), z.number()]), true, "is not valid"],
		[z.email(), "x", "must be an email address"],
		[z.url(), "x", "must be a URL"],
		[z.uuid(), "x", "must be a UUID"],
		[z.iso.date(), "x", "must be an ISO date"],
		[z.string().startsWith("a"), "x", 'must start with "a"'],
		[z.string().regex(/^\d$/), "x", "must match pattern /^\\d$/"],
	] as [z.ZodType, unknown, string][])("%#: $2", (schema, value, words) => {
		expect(inOurWords(saidOf(schema, value))).toBe(words);
	});
});

test.each([
	"Write a title.",
	"Invalid date",
	"Invalid input: more than one option matched",
	"Invalid input: expected file, received string",
	"Too small: a hero has two letters at least",
	"expected string, received number",
])("%j is nothing that zod says by itself, or not known, and stays as it is", (message) => {
	expect(inOurWords(message)).toBe(message);
});
