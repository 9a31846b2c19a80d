import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How to get one, in the lines that are printed where one is asked for by name and there is none. */
export const howToGetInngest = [
	"There is no Inngest server here. Say where one is, in any of these ways:",
	"  npm install -g inngest-cli                            puts `inngest` in the PATH, from where it is started and stopped",
	"  INNGEST_BIN=/path/to/inngest                          the same, for a program elsewhere",
	"  INNGEST_BASE_URL=http://localhost:8288                a dev server that runs already: npx inngest-cli@latest dev --no-discovery",
].join("\n");

const names = ["inngest", "inngest-cli"];

/** Where a server may be found. */
export interface InngestEnv {
	readonly INNGEST_BASE_URL?: string;
	readonly INNGEST_BIN?: string;
	readonly PATH?: string;
}

/** A dev server that runs already, or the program of one. */
export type FoundInngest = { readonly url: string } | { readonly program: string };

/** In this order: the server that is named, the program that is named, what is in the PATH. A name that leads nowhere is none. */
export function findInngest(env: InngestEnv): FoundInngest | undefined {
	if (env.INNGEST_BASE_URL) return { url: env.INNGEST_BASE_URL.replace(/\/+$/, "") };
	const folders = (env.PATH ?? "").split(delimiter).filter(Boolean);
	const inPath = folders.flatMap((folder) => names.map((name) => join(folder, name)));
	const program = (env.INNGEST_BIN ? [env.INNGEST_BIN] : inPath).find(isProgram);
	return program === undefined ? undefined : { program };
}

function isProgram(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}
