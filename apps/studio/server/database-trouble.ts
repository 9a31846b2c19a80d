import { AsyncLocalStorage } from "node:async_hooks";
import { DarkroomError, isDarkroomError } from "darkroom";
import type { PostgresPool } from "kysely";
import type { Pool } from "pg";

/** What was seen of the database while one request was answered. */
interface Watched {
	trouble?: unknown;
}

/** One for all module graphs of the process: sign-in may be opened in another than the one that answers requests. */
const slot = Symbol.for("darkroom.studio.database-trouble");
const holder = globalThis as typeof globalThis & { [slot]?: AsyncLocalStorage<Watched> };
holder[slot] ??= new AsyncLocalStorage<Watched>();
const watched = holder[slot];

/** SQLSTATE classes that speak of the statement or its data, not of the database. */
const ofTheStatement = /^(22|23|42)...$/;
/** SQLite's primary codes for locked, full, broken or gone (https://www.sqlite.org/rescode.html). */
const sqliteTrouble = new Set([5, 6, 8, 10, 13, 14]);

/**
 * Runs what answers a request by sign-in, which turns a database's failure into whatever it was doing, such as "the user
 * could not be made". Where the database failed meanwhile and the answer is a refusal, that is what is thrown instead.
 * @throws `store_unavailable`, and whatever `work` throws for another reason
 */
export async function watchDatabase(work: () => Promise<Response>): Promise<Response> {
	const seen: Watched = {};
	let answer: Response;
	try {
		answer = await watched.run(seen, work);
	} catch (error) {
		if (isDarkroomError(error)) throw error;
		if (seen.trouble === undefined && !isSqliteTrouble(error)) throw error;
		throw unavailable(seen.trouble ?? error);
	}
	if (seen.trouble !== undefined && !answer.ok) throw unavailable(seen.trouble);
	return answer;
}

/** The same pool, whose failures are noted for the request that met them. */
export function noticing(pool: Pool): PostgresPool {
	return {
		options: pool.options,
		end: () => pool.end(),
		connect: async () => {
			const client = await noted(pool.connect());
			const query = (sql: string, values: readonly unknown[]) => noted(client.query(sql, [...values]));
			// Its other signature takes a cursor, and nothing here is read through one.
			return { query: query as never, release: (destroy) => client.release(destroy) };
		},
	};
}

async function noted<Result>(asked: Promise<Result>): Promise<Result> {
	try {
		return await asked;
	} catch (error) {
		const seen = watched.getStore();
		const code = error instanceof Error && "code" in error ? String(error.code) : "";
		if (seen && !ofTheStatement.test(code)) seen.trouble = error;
		throw error;
	}
}

function isSqliteTrouble(error: unknown): boolean {
	if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
	return sqliteTrouble.has(error.errcode & 0xff);
}

function unavailable(cause: unknown): DarkroomError {
	return new DarkroomError("store_unavailable", {
		detail: "Sign-in cannot be reached at the moment. Nothing is lost; please try again shortly.",
		retryAfterMs: 1_000,
		cause,
	});
}
