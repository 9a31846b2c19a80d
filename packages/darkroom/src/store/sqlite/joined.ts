import { realpathSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { systemDefer } from "../../core/clock.ts";
import { DarkroomError } from "../../core/errors.ts";
import type { Submission, Submitted } from "../store.ts";
import { buildParts } from "./build-parts.ts";
import { createSubmit } from "./submit.ts";

type Admit = (submission: Submission) => Submitted;

/**
 * Admission on the app's own connection to the same file, inside the transaction that the app has begun there: the job and
 * the app's own rows are committed together, or not at all. Nobody is told before: when the app commits, everyone hears of
 * it as of another process's work (elsewhere.ts).
 */
export class Joined {
	readonly #path: string;
	readonly #admissions = new WeakMap<DatabaseSync, Admit>();

	constructor(path: string) {
		this.#path = path;
	}

	/** @throws `misconfigured` for what is no open transaction on this file; the refusals of a submit */
	submit(client: unknown, submission: Submission): Submitted {
		if (!(client instanceof DatabaseSync)) {
			throw refused("`client` is not a DatabaseSync of node:sqlite, which a transaction on SQLite needs.");
		}
		if (!client.isTransaction) throw refused("`client` has no open transaction. Run BEGIN IMMEDIATE on it first.");
		const admit = this.#admissions.get(client) ?? this.#prepare(client);
		return admit({ ...submission, offer: null });
	}

	#prepare(db: DatabaseSync): Admit {
		const location = db.location();
		if (location === null || realpathSync(location) !== realpathSync(this.#path)) {
			throw refused(`\`client\` is open on ${location ?? "a database in memory"}, and the store on ${this.#path}.`);
		}
		const parts = buildParts(db, () => {}, systemDefer);
		const submit = createSubmit(parts);
		const admit: Admit = (submission) => parts.turn.within(submit, submission);
		this.#admissions.set(db, admit);
		return admit;
	}
}

function refused(detail: string): DarkroomError {
	return new DarkroomError("misconfigured", { detail });
}
