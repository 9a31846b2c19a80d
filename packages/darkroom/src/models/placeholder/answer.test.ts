import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { answerSchema, type JsonSchema, type Writer } from "./answer.ts";
import { createDice } from "./chance.ts";

const writer = (seed: number): Writer => ({
	dice: createDice(seed),
	text: ({ name }) => `words for ${name}`,
	choose: () => undefined,
	count: () => undefined,
});

/** Any schema as an app might write it with zod, a few levels deep. */
const schemas: fc.Arbitrary<z.ZodType> = fc.letrec<{ schema: z.ZodType }>((tie) => ({
	schema: fc.oneof(
		{ maxDepth: 3 },
		fc.tuple(fc.nat(20), fc.nat(200)).map(([least, more]) =>
			z
				.string()
				.min(least)
				.max(least + more),
		),
		fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(30)).map(([from, range]) =>
			z
				.int()
				.min(from)
				.max(from + range),
		),
		fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(30)).map(([from, range]) =>
			z
				.number()
				.min(from)
				.max(from + range),
		),
		fc.constantFrom(
			z.boolean(),
			z.null(),
			z.literal("fixed"),
			z.email(),
			z.uuid(),
			z.iso.date(),
			z.iso.datetime(),
			z.url(),
		),
		fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 4 }).map((words) => z.enum(words)),
		tie("schema").map((inner) => inner.nullable()),
		tie("schema").map((inner) => z.union([inner, z.string()])),
		fc.tuple(tie("schema"), fc.nat(3), fc.nat(4)).map(([inner, least, more]) =>
			z
				.array(inner)
				.min(least)
				.max(least + more),
		),
		fc
			.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie("schema"), { maxKeys: 4 })
			.map((shape) => z.object(Object.fromEntries(Object.entries(shape)))),
		fc.tuple(tie("schema"), tie("schema")).map(([first, second]) => z.object({ first, second: second.optional() })),
	),
})).schema;

test("the answer is accepted by any schema that an app can write", () => {
	fc.assert(
		fc.property(schemas, fc.nat(), (schema, seed) => {
			const answer = answerSchema(z.toJSONSchema(schema, { target: "draft-7" }) as JsonSchema, writer(seed));
			expect(schema.safeParse(answer).error?.issues).toBeUndefined();
		}),
		{ numRuns: 300 },
	);
});

test("a recursive schema comes to an end", () => {
	const tree = z.object({
		name: z.string(),
		get children() {
			return z.array(tree);
		},
	});
	const maybe = z.object({
		name: z.string(),
		get next() {
			return maybe.nullable();
		},
	});
	for (const schema of [tree, maybe]) {
		expect(
			schema.safeParse(answerSchema(z.toJSONSchema(schema, { target: "draft-7" }) as JsonSchema, writer(1))).success,
		).toBe(true);
	}
});

test("what the writer knows is what is answered", () => {
	const schema = z.object({ subject: z.enum(["person", "pet"]), tags: z.array(z.string()) });
	const knowing: Writer = { ...writer(1), choose: (_, options) => options[1], count: () => 2 };
	expect(answerSchema(z.toJSONSchema(schema, { target: "draft-7" }) as JsonSchema, knowing)).toEqual({
		subject: "pet",
		tags: ["words for tags", "words for tags"],
	});
});
