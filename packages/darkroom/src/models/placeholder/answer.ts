import type { JSONValue } from "@ai-sdk/provider";
import type { Dice } from "./chance.ts";

/** The part of JSON Schema (draft 7) that schemas for models are made of. */
export interface JsonSchema {
	readonly type?: string | readonly string[];
	readonly const?: unknown;
	readonly enum?: readonly unknown[];
	readonly description?: string;
	readonly properties?: Readonly<Record<string, SchemaOrFlag>>;
	readonly required?: readonly string[];
	readonly items?: SchemaOrFlag | SchemaOrFlag[];
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly format?: string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly exclusiveMinimum?: number;
	readonly exclusiveMaximum?: number;
	readonly multipleOf?: number;
	readonly anyOf?: readonly SchemaOrFlag[];
	readonly oneOf?: readonly SchemaOrFlag[];
	readonly allOf?: readonly SchemaOrFlag[];
	readonly $ref?: string;
}

type SchemaOrFlag = JsonSchema | boolean;

/** What is asked for at one place of a schema; the writer may know a fitting answer. */
export interface Question {
	/** The property's name; of an item in a list, the list's. Empty at the root. */
	readonly name: string;
	/** The property's description, empty when it has none. */
	readonly description: string;
	/** Where in the list that it is part of, at whatever depth; 0 outside of lists. */
	readonly index: number;
}

export interface Writer {
	readonly dice: Dice;
	/** A text for this place; what does not fit the schema's lengths is cut or padded. */
	text(question: Question): string;
	/** One of these, when one is right; undefined leaves it to chance. */
	choose(question: Question, options: readonly JSONValue[]): JSONValue | undefined;
	/** How many items a list should have when the schema leaves it open; undefined for a few. */
	count(question: Question): number | undefined;
}

/** Deeper than any real schema; a recursive one ends here. */
const deepest = 12;
/** From this depth on lists are as short as the schema allows: a recursive one must not grow threefold each level. */
const widest = 6;

/** A value that a JSON schema accepts, made of what the writer knows. The same writer gives the same value. */
export function answerSchema(schema: JsonSchema, writer: Writer): JSONValue {
	return new Answer(schema, writer).fill(schema, { name: "", description: "", index: 0 }, 0);
}

class Answer {
	readonly #root: JsonSchema;
	readonly #writer: Writer;

	constructor(root: JsonSchema, writer: Writer) {
		this.#root = root;
		this.#writer = writer;
	}

	fill(given: SchemaOrFlag, place: Question, depth: number): JSONValue {
		if (typeof given === "boolean") return null;
		const schema = this.#resolve(given);
		const question = { ...place, description: schema.description ?? place.description };
		if (schema.const !== undefined) return schema.const as JSONValue;
		if (schema.enum?.length) return this.#pick(question, schema.enum as JSONValue[]);
		const branches = schema.anyOf ?? schema.oneOf;
		if (branches?.length && !schema.properties) {
			const known = branches.find((branch) => typeof branch === "object" && branch.type !== "null");
			return depth >= deepest && branches.some((branch) => typeof branch === "object" && branch.type === "null")
				? null
				: this.fill(known ?? (branches[0] as SchemaOrFlag), question, depth + 1);
		}
		switch (typeOf(schema)) {
			case "object":
				return this.#object(schema, question, depth);
			case "array":
				return this.#array(schema, question, depth);
			case "number":
			case "integer":
				return this.#number(schema);
			case "boolean":
				return this.#writer.dice.next() < 0.5;
			case "null":
				return null;
			default:
				return this.#string(schema, question);
		}
	}

	/** Follows `$ref` within the schema and folds `allOf` into one. */
	#resolve(schema: JsonSchema, hops = 0): JsonSchema {
		if (schema.$ref && hops < deepest) {
			let target: unknown = this.#root;
			for (const part of schema.$ref.replace(/^#\/?/, "").split("/").filter(Boolean)) {
				const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
				target = (target as Record<string, unknown> | undefined)?.[key];
			}
			return this.#resolve((target ?? {}) as JsonSchema, hops + 1);
		}
		if (!schema.allOf?.length) return schema;
		const parts = schema.allOf.filter((part) => typeof part === "object").map((part) => this.#resolve(part, hops + 1));
		return {
			...Object.assign({}, ...parts, { ...schema, allOf: undefined }),
			properties: Object.assign({}, ...parts.map((part) => part.properties), schema.properties),
		};
	}

	#object(schema: JsonSchema, { index }: Question, depth: number): JSONValue {
		const object: Record<string, JSONValue> = {};
		for (const [name, property] of Object.entries(schema.properties ?? {})) {
			const isOptional = !schema.required?.includes(name);
			if (isOptional && depth >= deepest) continue;
			object[name] = this.fill(property, { name, description: "", index }, depth + 1);
		}
		return object;
	}

	#array(schema: JsonSchema, question: Question, depth: number): JSONValue {
		const least = schema.minItems ?? 0;
		const most = schema.maxItems ?? Number.POSITIVE_INFINITY;
		const wanted = depth >= widest ? least : (this.#writer.count(question) ?? 3);
		const length = Math.min(most, Math.max(least, wanted));
		const items = schema.items;
		if (Array.isArray(items)) return items.map((item, index) => this.fill(item, { ...question, index }, depth + 1));
		return Array.from({ length }, (_, index) => this.fill(items ?? {}, { ...question, index }, depth + 1));
	}

	#number(schema: JsonSchema): JSONValue {
		const step = schema.multipleOf ?? (typeOf(schema) === "integer" ? 1 : 0);
		const above = schema.exclusiveMinimum;
		const below = schema.exclusiveMaximum;
		const from = above !== undefined ? above + (step || 0.001) : (schema.minimum ?? 0);
		const to = below !== undefined ? below - (step || 0.001) : (schema.maximum ?? from + (step === 1 ? 10 : 1));
		const value = this.#writer.dice.between(from, Math.max(from, to));
		if (step) return Math.max(Math.ceil(from / step) * step, Math.floor(value / step) * step);
		return Math.round(value * 1_000) / 1_000;
	}

	#string(schema: JsonSchema, question: Question): JSONValue {
		const format = schema.format ? formats[schema.format] : undefined;
		if (format) return format;
		let text = this.#writer.text(question);
		const least = schema.minLength ?? 0;
		while (text.length < least) text = `${text} ${this.#writer.text(question) || "and so on"}`;
		return schema.maxLength === undefined ? text : text.slice(0, schema.maxLength);
	}

	#pick(question: Question, options: readonly JSONValue[]): JSONValue {
		return this.#writer.choose(question, options) ?? this.#writer.dice.pick(options);
	}
}

const formats: Readonly<Record<string, string>> = {
	"date-time": "2026-01-01T12:00:00.000Z",
	date: "2026-01-01",
	time: "12:00:00Z",
	email: "maker@example.com",
	uri: "https://example.com/",
	uuid: "0b8f6a5e-3c1d-4f2a-9a57-6d2c1e4b8f90",
};

function typeOf(schema: JsonSchema): string | undefined {
	const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
	return type ?? (schema.properties ? "object" : schema.items ? "array" : undefined);
}
