import { z } from "zod";
import { parse } from "../core/schema.ts";

/** A parameter as text. Given twice, neither of the two can be meant more than the other. */
export const parameter = z.string("must be given once");

/** A parameter that is a whole number, in decimal digits and nothing else. `rule` says so in words. */
export function wholeNumber(rule: string, { from, to }: { readonly from: number; readonly to: number }) {
	return parameter.regex(/^\d+$/, rule).transform(Number).pipe(z.number().min(from, rule).max(to, rule));
}

/**
 * What these parameters of an address say. One that is misspelt would otherwise be ignored, and all jobs be answered to
 * whoever asked for those of one `subjet`.
 * @throws `invalid_input` with the path of each parameter that is unknown, malformed or given twice.
 */
export function readQuery<Shape extends z.ZodRawShape>(
	shape: Shape,
	query: URLSearchParams,
): Promise<z.output<z.ZodObject<Shape>>> {
	const given: Record<string, string | string[]> = {};
	for (const name of new Set(query.keys())) {
		const values = query.getAll(name);
		given[name] = values.length === 1 ? (values[0] as string) : values;
	}
	return parse(z.object(shape).catchall(nothingElse), given, "query");
}

const nothingElse = z.undefined("is not a parameter of this address");
