import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/**
 * Fills a database with finished jobs of earlier days, by plain SQL: a million of them through the front door
 * would take a minute and measure nothing.
 */
export function addFinishedJobs(path: string, count: number, owners: number): void {
	const db = new DatabaseSync(path);
	db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN");
	const columns = `seq, id, kind, owner, status, priority, run_at, input, output, price, held, charged, charge, queue_timeout_ms,
		timeout_ms, attempt, claims, max_attempts, deadline_at, due_at, change, created_at, started_at, finished_at`;
	db.prepare(
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
		 INSERT INTO jobs (${columns})
		 SELECT i, printf('0%021d', i), 'five-steps', 'owner-' || (i % ?2), 'completed', 0, i, '{"n":1}', '{"sum":15}', 0, 0, 0,
		   'on-success', 86400000, 300000, 1, 1, 5, i, i, i, i, i, i + 5 FROM n`,
	).run(count, owners);
	db.exec("INSERT INTO owner_jobs SELECT owner, id FROM jobs; UPDATE listed SET up_to = (SELECT MAX(id) FROM jobs)");
	db.prepare("UPDATE counters SET value = MAX(value, ?) WHERE name = 'change'").run(count);
	db.exec("COMMIT");
	db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
	db.close();
}

/** The same for Postgres, as SQL for its client to run. */
export function finishedJobsInPostgres(schema: string, count: number, owners: number): string {
	return `INSERT INTO ${schema}.jobs (id, kind, owner, status, priority, run_at, input, output, price, held, charged, charge,
		  queue_timeout_ms, timeout_ms, attempt, claims, max_attempts, deadline_at, due_at, change, created_at, started_at, finished_at)
		SELECT '0' || lpad(i::text, 21, '0'), 'five-steps', 'owner-' || (i % ${owners}), 'completed', 0, i, '{"n":1}', '{"sum":15}',
		  0, 0, 0, 'on-success', 86400000, 300000, 1, 1, 5, i, i, nextval('${schema}.changes'), i, i, i + 5
		FROM generate_series(1, ${count}) AS n (i)`;
}

/** Of the file, its log written back into it. */
export function bytesOf(path: string): number {
	const db = new DatabaseSync(path);
	db.exec("VACUUM");
	db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
	db.close();
	return statSync(path).size;
}

/** The same for Postgres, as statements for its client to run one after the other. */
export function bytesInPostgres(schema: string): { readonly clear: readonly string[]; readonly count: string } {
	const tables = ["jobs", "steps", "entries", "accounts"].map((table) => `${schema}.${table}`);
	return {
		clear: tables.map((table) => `VACUUM FULL ${table}`),
		count: `SELECT sum(pg_total_relation_size(oid))::float8 AS bytes FROM pg_class WHERE relkind = 'r' AND relnamespace = '${schema}'::regnamespace`,
	};
}
