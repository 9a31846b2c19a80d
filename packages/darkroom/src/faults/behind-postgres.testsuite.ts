import { isDarkroomError } from "../core/errors.ts";
import { toStoreError } from "../store/postgres/errors.ts";
import { askPostgres } from "../testing/postgres-server.testsuite.ts";
import type { BehindTheStore } from "./behind-the-store.testsuite.ts";

/** Asks the server, on a connection for each question, since it may be another server's life by the next. */
export function behindPostgres(url: string, schema: string): BehindTheStore {
	const here = new URL(url);
	here.searchParams.set("options", `-c search_path=${schema}`);
	return {
		async ask<Row>(sql: string): Promise<Row[]> {
			// As JSON, in which a bigint is a number.
			const [row] = await askPostgres(here.href, `SELECT coalesce(json_agg(r), '[]') AS rows FROM (${sql}) AS r`);
			return (row?.rows ?? []) as Row[];
		},
		// A process has no part in a statement that the server is at.
		isHeldUp: () => false,
		completedSteps: "SELECT job_id, name, finished_at FROM steps WHERE status = 'completed'",
		jobEntries: "SELECT job_id, type, posted, held FROM entries WHERE job_id IS NOT NULL",
		isAway: (error) => isDarkroomError(toStoreError(error), "store_unavailable"),
	};
}
