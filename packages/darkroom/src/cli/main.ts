import { parseArgs } from "node:util";
import { isDarkroomError } from "../core/errors.ts";
import { copyCommand, copyUsage, type Surroundings } from "./copy-command.ts";

const usage = `darkroom <command>

${copyUsage}`;

/** `npx darkroom …`. The result is the exit code: 0 when it is done, 1 when it failed, 2 when it was not understood. */
export async function main(args: readonly string[], env: Surroundings["env"]): Promise<number> {
	const say = (line: string) => void process.stdout.write(`${line}\n`);
	const complain = (line: string) => void process.stderr.write(`${line}\n`);
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			options: { schema: { type: "string" }, help: { type: "boolean", short: "h" } },
			allowPositionals: true,
		});
		const [command, ...rest] = positionals;
		if (values.help) {
			say(usage);
			return 0;
		}
		const misread =
			command === "copy" ? await copyCommand(rest, values.schema, { env, say }) : "There is one command, copy.";
		if (misread === undefined) return 0;
		complain(`${misread}\n\n${usage}`);
		return 2;
	} catch (error) {
		complain(wordsOf(error));
		return isMisspelt(error) ? 2 : 1;
	}
}

/** An option that there is not: https://nodejs.org/api/util.html#utilparseargsconfig */
function isMisspelt(error: unknown): error is Error {
	return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** Our own errors are sentences; of others the stack is what helps. */
function wordsOf(error: unknown): string {
	if (isMisspelt(error)) return `${error.message}\n\n${usage}`;
	if (!isDarkroomError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
	return error.cause instanceof Error && error.cause.message !== ""
		? `${error.detail} (${error.cause.message})`
		: error.detail;
}
