import { copyDatabase } from "../copy/index.ts";

/** What a command is given: the variables of its surroundings, and where it may say something. */
export interface Surroundings {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly say: (line: string) => void;
}

export const copyUsage = `darkroom copy <file> [<url>] [--schema <name>]

  Copies a SQLite database of Darkroom's into Postgres, and compares counts and credits of both.

  <file>     such as ./.data/darkroom.db; no process may work on it meanwhile
  <url>      postgres://user:password@host:port/database; default: DATABASE_URL
  --schema   where the tables are made; default: darkroom

  Run it again when it was interrupted: it goes on where it was. Pictures stay where they are; tables that are
  not Darkroom's are not copied.`;

/** Rows between two lines that say how far it is. */
const sayEvery = 50_000;

/** What is missing in the words, or too much of them; undefined when it is done. @throws as `copyDatabase` */
export async function copyCommand(
	[from, url, ...rest]: readonly string[],
	schema: string | undefined,
	{ env, say }: Surroundings,
): Promise<string | undefined> {
	if (from === undefined) return "Which file is to be copied?";
	const to = url ?? env.DATABASE_URL;
	if (to === undefined) return "Copy where to? Give <url>, or set DATABASE_URL.";
	if (rest.length > 0) return `What is ${rest.join(" ")}? One file is copied into one database.`;
	let said = 0;
	const report = await copyDatabase({
		from,
		to,
		...(schema !== undefined && { schema }),
		onProgress: ({ table, copied }) => {
			const step = Math.floor(copied / sayEvery);
			if (step > 0 && step !== said) say(`${table}: ${copied.toLocaleString("en")} …`);
			said = step;
		},
	});
	const { rows, owners, posted, held, requeued, resumed } = report;
	if (resumed) say("An earlier copy was gone on with.");
	for (const [table, count] of Object.entries(rows))
		say(`${table.padEnd(9)} ${count.toLocaleString("en").padStart(12)}`);
	say(`Counts are the same on both sides, and so are the credits of each of ${owners.toLocaleString("en")} owners:`);
	say(`${posted.toLocaleString("en")} posted, ${held.toLocaleString("en")} of them held.`);
	if (requeued > 0) say(`Running jobs that wait for a worker now: ${requeued.toLocaleString("en")}`);
	return undefined;
}
