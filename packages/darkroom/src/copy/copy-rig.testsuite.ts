import { randomBytes } from "node:crypto";
import { afterEach, beforeEach } from "vitest";
import { postgres } from "../store/postgres/index.ts";
import type { Store } from "../store/store.ts";
import { postgresUrl } from "../testing/on-postgres.testsuite.ts";
import { askPostgres } from "../testing/postgres-server.testsuite.ts";
import { createSqliteStore } from "../testing/sqlite-store.testsuite.ts";
import { StoreRig } from "../testing/store/rig.testsuite.ts";

/** A SQLite database to be filled through `rig`, and a schema in Postgres that is not there yet. */
export interface CopyRig {
	readonly rig: StoreRig;
	/** The SQLite file. */
	readonly from: string;
	readonly to: string;
	readonly schema: string;
	/** Closes the source, so that it can be copied. */
	closeSource(): Promise<void>;
	/** The store on what was copied; closed after the test. */
	target(): Store;
	/** Rows of the target, as somebody who is not Darkroom. `darkroom.` stands for its schema. */
	ask(sql: string): Promise<Record<string, unknown>[]>;
}

/** To be called in a file. */
export function copyRig(): CopyRig {
	const url = postgresUrl();
	const rig = StoreRig.use(createSqliteStore);
	let schema = "";
	let targets: Store[] = [];
	const ask = (sql: string) => askPostgres(url(), sql.replaceAll("darkroom.", `${schema}.`));

	beforeEach(() => {
		schema = `test_${randomBytes(6).toString("hex")}`;
		targets = [];
	});
	afterEach(async () => {
		await Promise.all(targets.map((store) => store.close()));
		await ask(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
	});

	return {
		rig,
		get from() {
			return rig.under.path;
		},
		get to() {
			return url();
		},
		get schema() {
			return schema;
		},
		closeSource: () => rig.store.close(),
		target() {
			const store = postgres(url(), { schema });
			targets.push(store);
			return store;
		},
		ask,
	};
}

/** All that can happen to a job, of three owners; the result is who they are. */
export async function fill(rig: StoreRig): Promise<readonly string[]> {
	await rig.grant("ada", 100);
	await rig.grant("guest", 10);
	await fillAda(rig);
	const paid = await rig.running({ owner: "guest", price: 3 });
	await rig.complete(paid);
	await rig.store.transferOwner({ from: "guest", to: "grace", now: rig.now });
	// Nothing that it has cost anything: no account in SQLite.
	await rig.submit({ owner: "poor", runAt: rig.now + 60_000 });
	return ["ada", "guest", "grace", "poor"];
}

async function fillAda(rig: StoreRig): Promise<void> {
	await rig.store.createAsset(asset("photo", rig.now));
	await rig.store.createAsset(asset("unused", rig.now));
	const done = await rig.running({ price: 2, assets: ["photo"], idempotencyKey: "once", subject: "story:1" });
	await rig.completeStep(done, "look", { text: "ein Häschen — \u{1f407}" });
	await rig.completeStep(done, "draw", ["a", 1, null], { position: 1, preview: "photo" });
	await rig.complete(done, 1);
	const failed = await rig.running({ price: 2, charge: "on-start" });
	await rig.fail(failed);
	await rig.store.cancelJob(rig.asOwner(await rig.submit({ price: 2 })));
	const gone = await rig.running({ price: 5 });
	await rig.complete(gone);
	await rig.store.deleteJob(rig.asOwner(gone));
	// Three waits: for a place of the owner's, for its time, for a worker.
	await rig.submit({ kind: "story", runningPerOwner: 1, price: 1 });
	await rig.submit({ kind: "story", runningPerOwner: 1, price: 1, subject: "story:2" });
	await rig.submit({ runAt: rig.now + 3_600_000 });
	await rig.submit({ kind: "nails", priority: 3 });
}

function asset(id: string, now: number) {
	return {
		id,
		owner: "ada",
		contentType: "image/png",
		size: 1_234,
		width: 640,
		height: null,
		blur: "data:image/webp;base64,AA",
		createdAt: now,
		keptAt: null,
	};
}
