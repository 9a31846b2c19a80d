/**
 * What zod says where a schema's author says nothing is for programmers ("Too small: expected string to have >=1
 * characters"), and people read it: a maker by a form's field. Known by the exact sentences of zod 4's English defaults
 * (https://github.com/colinhacks/zod/blob/main/packages/zod/src/v4/locales/en.ts), since a fault does not tell who worded it.
 */
type Rewording = readonly [sentence: RegExp, toWords: (...parts: string[]) => string | undefined];

const types: Readonly<Record<string, string>> = {
	string: "text",
	number: "a number",
	int: "a whole number",
	bigint: "a whole number",
	boolean: "true or false",
	object: "an object",
	record: "an object",
	array: "an array",
	tuple: "an array",
	date: "a date",
	null: "null",
	undefined: "left out",
	never: "left out",
	NaN: "NaN",
	Infinity: "Infinity",
	"-Infinity": "-Infinity",
};

const rewordings: readonly Rewording[] = [
	[/^Invalid input: expected ([\w-]+), received ([\w-]+)$/, wrongType],
	[/^Invalid input: expected ((?!.+, received ).+)$/, (value) => `must be ${unquoted(value)}`],
	[/^Invalid option: expected one of (.+)$/, (values) => `must be one of ${listed(values, "|")}`],
	[/^Invalid discriminator value\. Expected (.+)$/, (values) => `must be one of ${listed(values, " | ")}`],
	[/^Too (?:small|big): expected \w+ to have (exactly |[<>]=?)(\d+) (characters|items|entries|bytes)$/, wrongSize],
	[/^Too (?:small|big): expected (?:number|int|bigint) to be (exactly |[<>]=?)(-?[\d.e+-]+)$/, wrongNumber],
	[/^Invalid (?:string|number): (must .+)$/, (rule) => rule],
	[
		/^Invalid ((?:email|IPv[46]|MAC) address|URL|U[LU]ID(?:v\d)?|GUID|XID|ISO (?:datetime|date|time|duration))$/,
		wrongForm,
	],
	[/^Invalid input$/, () => "is not valid"],
];

/** A fault in words that fit behind the name of its field; what is none of zod's own sentences stays as it is. */
export function inOurWords(message: string): string {
	for (const [sentence, toWords] of rewordings) {
		const parts = sentence.exec(message)?.slice(1);
		if (parts) return toWords(...parts) ?? message;
	}
	return message;
}

function wrongType(expected: string, received: string): string | undefined {
	const wanted = types[expected];
	if (wanted === undefined) return undefined;
	const given = received === "boolean" ? "true or false" : types[received];
	// A fraction is a number as well, and what is to be left out is so whatever it is: to say what came tells nothing.
	const isTold = given !== undefined && given !== wanted && expected !== "int" && wanted !== "left out";
	return `must be ${wanted}${isTold ? `, not ${given}` : ""}`;
}

const bounds: Readonly<Record<string, string>> = {
	"exactly ": "exactly",
	">=": "at least",
	">": "more than",
	"<=": "at most",
	"<": "fewer than",
};

function wrongSize(bound: string, count: string, unit: string): string {
	const one = unit === "entries" ? "entry" : unit.slice(0, -1);
	return `must have ${bounds[bound]} ${count} ${count === "1" ? one : unit}`;
}

function wrongNumber(bound: string, limit: string): string {
	const words = bound === "exactly " ? "" : bound === "<" ? "less than " : `${bounds[bound]} `;
	return `must be ${words}${limit}`;
}

function wrongForm(form: string): string {
	return `must be ${/^(?:email|IPv|ISO|XID)/.test(form) ? "an" : "a"} ${form}`;
}

function listed(values: string, between: string): string {
	return values.split(between).map(unquoted).join(", ");
}

/** An empty text keeps its quotes: nothing else would be left of it. */
function unquoted(value: string): string {
	return /^(?:"(.+)"|'(.+)')$/.exec(value)?.slice(1).find(Boolean) ?? value;
}
