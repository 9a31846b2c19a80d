import type { ClientBase } from "pg";
import { DarkroomError } from "../../core/errors.ts";
import type { Submission, Submitted } from "../store.ts";
import { Answer } from "./answer.ts";
import { types } from "./connection.ts";
import { codeOf, toStoreError } from "./errors.ts";
import { isStrict } from "./isolation.ts";
import { submit } from "./submit.ts";

type AppClient = Pick<ClientBase, "query">;

/** What the server says where the transaction is not what it should be, by SQLSTATE. */
const faults: Record<string, string> = {
	"25P01": "`client` has no open transaction. Run BEGIN on it first: on one connection, not on a pool.",
	"25P02": "`client` has a transaction in which something has failed before. Roll it back, and begin another.",
	"3F000": "`client` is connected to another database than the store, or has none of its tables there.",
	"42501": "`client` has a role that may not use the store's tables.",
	"42883": "`client` is connected to a database with another version of the store's tables.",
};

/**
 * Admission inside the transaction that the app has begun on its own connection: the job and the app's own rows are committed
 * together, or not at all. Others are told when the app commits, this process like any other, so the notification names no
 * sender.
 *
 *     SAVEPOINT (refused outside of a transaction) ─ turn ─ RELEASE, or back to it: the app's transaction stays as it was
 *
 * @throws `misconfigured` for what is no such transaction, with nothing written; the refusals of a submit
 */
export async function submitWithin(
	client: unknown,
	submission: Submission,
	named: (sql: string) => string,
): Promise<Submitted> {
	if (!isClient(client)) throw refused("`client` is not a client of pg with a transaction open on it.");
	const ask = submit({ ...submission, offer: null });
	const turn = "darkroom.turn(NULL, $1, submissions => $2, opens => true)";
	const text = named(
		`SELECT CASE WHEN NOT ${isStrict} THEN ${turn} END AS answer, current_setting('transaction_isolation') AS isolation`,
	);
	await query(client, "SAVEPOINT darkroom_submit");
	const row = await query<Row>(client, text, [ask.owners, JSON.stringify(ask.rows)]).catch(async (error: unknown) => {
		await query(client, "ROLLBACK TO darkroom_submit").catch(() => "the first error says more");
		throw error;
	});
	await query(client, "RELEASE darkroom_submit");
	if (row === undefined) throw refused("`client` answers no query. Give the client of pg that the transaction is on.");
	if (row.answer === null) {
		throw refused(
			`\`client\` has a transaction that is ${row.isolation}, in which limits cannot be kept. Begin it with BEGIN ISOLATION LEVEL READ COMMITTED, or submit after its commit.`,
		);
	}
	const answer = JSON.parse(row.answer) as { submissions: unknown };
	return ask.read(new Answer(answer.submissions), 0, () => {});
}

interface Row {
	/** Null in a transaction that is stricter than READ COMMITTED. */
	readonly answer: string | null;
	readonly isolation: string;
}

/** The first row, if there is one. */
async function query<First>(client: AppClient, text: string, values: unknown[] = []): Promise<First | undefined> {
	try {
		// What answers here is the app's: anything may.
		const result: unknown = await client.query({ text, values, types });
		return (result as { readonly rows?: readonly First[] } | undefined)?.rows?.[0];
	} catch (error) {
		const fault = faults[codeOf(error) ?? ""];
		throw fault === undefined ? toStoreError(error) : refused(fault, error);
	}
}

function isClient(given: unknown): given is AppClient {
	return typeof given === "object" && given !== null && "query" in given && typeof given.query === "function";
}

function refused(detail: string, cause?: unknown): DarkroomError {
	return new DarkroomError("misconfigured", { detail, cause });
}
