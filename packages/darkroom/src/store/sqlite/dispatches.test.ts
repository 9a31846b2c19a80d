import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createSqliteStore } from "../../testing/sqlite-store.testsuite.ts";
import { StoreRig } from "../../testing/store/rig.testsuite.ts";
import { RunRig } from "../../testing/store/run-rig.testsuite.ts";
import { dueEvents } from "./dispatches.ts";

const rig = StoreRig.use(createSqliteStore);
const runs = new RunRig(rig);

test("events that are due are read from the head of an index, in its order: neither walked through nor sorted", async () => {
	const db = new DatabaseSync(rig.under.path);
	const plan = db.prepare(`EXPLAIN QUERY PLAN ${dueEvents}`).all("draw", rig.now, 10);
	db.close();
	expect(plan.map(({ detail }) => detail)).toEqual(["SEARCH jobs USING INDEX jobs_sendable (kind=? AND <expr><?)"]);
});

test("a database from before there were events has all of its jobs as they were, and what waits is due", async () => {
	const waiting = await rig.submit();
	const asleep = await rig.running({ priority: 1 });
	await rig.release(asleep, rig.now + 10_000);
	const before = await rig.everythingOf("ada");
	await rig.store.close();
	const db = new DatabaseSync(rig.under.path);
	db.exec(`DROP INDEX jobs_sendable; ALTER TABLE jobs DROP COLUMN sent_change; ALTER TABLE jobs DROP COLUMN sends;
		ALTER TABLE jobs DROP COLUMN send_at; PRAGMA user_version = 6`);
	db.close();
	await rig.reopen();
	expect(await rig.everythingOf("ada")).toEqual(before);
	expect(await runs.take()).toMatchObject([{ jobId: waiting.id, change: waiting.change, sends: 1 }]);
	await runs.begun(runs.runOf({ jobId: waiting.id, change: waiting.change }));
});
