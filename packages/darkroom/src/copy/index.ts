import { DarkroomError } from "../core/errors.ts";
import { toStoreError } from "../store/postgres/errors.ts";
import { defaultSchema } from "../store/postgres/schema.ts";
import { type Row, Source } from "./source.ts";
import { activeJobs, type CopiedTable, tables } from "./tables.ts";
import { Target } from "./target.ts";

/** From where to where. */
export interface CopyOptions {
	/** The SQLite file, such as `./.data/darkroom.db`. */
	readonly from: string;
	/** `postgres://user:password@host:port/database` */
	readonly to: string;
	/** Where the tables are made there. Default `darkroom`. */
	readonly schema?: string;
	/** Called after each page that is committed. What it throws ends the copy, which can be gone on with. Default: nobody. */
	readonly onProgress?: (progress: CopyProgress) => void;
}

/** How far a copy is. */
export interface CopyProgress {
	/** `assets`, `accounts`, `entries`, `steps`, `jobs`, in this order. */
	readonly table: string;
	/** Rows of it that are there, those of an earlier copy that is gone on with among them. */
	readonly copied: number;
}

/** What is in Postgres now, and was found equal to what is in SQLite. */
export interface CopyReport {
	/** Rows by table. */
	readonly rows: Readonly<Record<CopiedTable["name"], number>>;
	readonly owners: number;
	/** Credits of all owners. */
	readonly posted: number;
	readonly held: number;
	/** Jobs that were running, and wait for a worker now. */
	readonly requeued: number;
	/** Whether an earlier copy was gone on with. */
	readonly resumed: boolean;
}

/**
 * Copies a SQLite database of Darkroom's into Postgres: jobs, steps, accounts, entries and assets' rows. The bytes of the
 * pictures stay where they are.
 *
 *     alone on the source ─ tables made, `copying` begun ─ page, page, page … ─ the rest, compared, `copying` over
 *                                │                           │ killed               one transaction
 *                                └── again: goes on ◄────────┘
 *
 * INVARIANTS. A page and the note of how far it goes are one commit, so that nothing comes twice. Until the last commit no
 * store opens the target. Active jobs come with that commit: no worker, not even one that was there before, can begin with
 * half of a job's steps or credits. It is made only when counts, and sums for each owner, are the source's.
 *
 * A job that was running is queued again, at no cost of an attempt: its worker knows only the old database.
 * @throws `misconfigured` (no such file, other data in the target, a changed source; `data.isComplete` is true where the
 * same copy has ended before), `store_unavailable` (a process works
 * on the source; Postgres is away), `conflict` (two copies at once), `internal` (the comparison failed)
 */
export async function copyDatabase(options: CopyOptions): Promise<CopyReport> {
	const source = new Source(options.from);
	try {
		const target = await Target.connect(options.to, options.schema ?? defaultSchema);
		try {
			return await copy(source, target, options.onProgress ?? (() => {}));
		} finally {
			await target.close();
		}
	} catch (error) {
		throw toStoreError(error);
	} finally {
		source.close();
	}
}

async function copy(source: Source, target: Target, tell: (progress: CopyProgress) => void): Promise<CopyReport> {
	const resumed = await target.begin(source.fingerprint());
	for (const table of tables) {
		let copied = resumed ? await target.count(table) : 0;
		for (const page of source.pages(table, target.upTo(table))) {
			await target.add(table, page);
			copied += page.rows.length;
			tell({ table: table.name, copied });
		}
	}
	const report = await target.transaction(async () => {
		const requeued = await addActive(source, target);
		const rows = await compareCounts(source, target);
		const sums = await compareSums(source, target);
		await target.release();
		return { rows, ...sums, requeued, resumed };
	});
	await target.analyze();
	return report;
}

/** The result is how many of them were running. */
async function addActive(source: Source, target: Target): Promise<number> {
	const before = source.lastChange();
	let change = before;
	for (const { rows } of source.pages(activeJobs, null)) {
		const queued = rows.map((row) => (row.status === "running" ? toQueued(row, ++change) : row));
		await target.insert(activeJobs, queued);
	}
	await target.setLastChange(change);
	return change - before;
}

/** As a worker that stops hands it back; its owner's watchers are shown a newer version. */
function toQueued(row: Row, change: number): Row {
	const released = { status: "queued", waits_for: "worker", lease_token: null, lease_expires_at: null };
	return { ...row, ...released, attempt: Number(row.attempt) - 1, due_at: row.deadline_at ?? null, change };
}

async function compareCounts(source: Source, target: Target): Promise<CopyReport["rows"]> {
	const rows: Record<string, number> = {};
	for (const table of [...tables, activeJobs]) {
		const [there, here] = [source.count(table), await target.count(table)];
		if (there !== here) throw differs(`${here} ${table.name} instead of ${there}`);
		rows[table.name] = (rows[table.name] ?? 0) + here;
	}
	return rows as CopyReport["rows"];
}

async function compareSums(source: Source, target: Target): Promise<Pick<CopyReport, "owners" | "posted" | "held">> {
	const total = { owners: 0, posted: 0, held: 0 };
	const copied = target.sums();
	for (const original of source.sums()) {
		const { value: copy } = await copied.next();
		const differing = Object.entries(original).find(([name, sum]) => copy?.[name as "owner"] !== sum);
		if (differing) throw differs(`another sum of ${differing[0]} for the owner ${original.owner}`);
		total.owners++;
		total.posted += original.posted;
		total.held += original.held;
	}
	if (!(await copied.next()).done) throw differs("more owners");
	return total;
}

function differs(what: string): DarkroomError {
	return new DarkroomError("internal", {
		detail: `The copy is not what was copied: it has ${what}. Has a process written there? Stop it, drop the schema and copy again.`,
		retryable: false,
	});
}
