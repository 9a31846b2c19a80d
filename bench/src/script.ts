import { extname } from "node:path";

/** The file of a child process that stands beside this one: TypeScript as written, JavaScript once compiled. */
export function script(name: string, besides: string): URL {
	return new URL(`${name}${extname(besides)}`, besides);
}
