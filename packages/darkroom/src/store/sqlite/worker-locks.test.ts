import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { newLeaseToken } from "../../core/ids.ts";
import { silentLogger } from "../../core/logger.ts";
import { AppProcess } from "../../testing/app-process.testsuite.ts";
import { createSqliteStore } from "../../testing/sqlite-store.testsuite.ts";
import { leaseOf, StoreRig } from "../../testing/store/rig.testsuite.ts";
import type { Store, Swept } from "../store.ts";
import { sqlite } from "./index.ts";
import type { Command, Task } from "./lease-holder.testsuite.ts";

const rig = StoreRig.use(createSqliteStore);
const program = join(import.meta.dirname, "lease-holder.testsuite.ts");
const holders: AppProcess[] = [];
afterEach(async () => {
	for (const holder of holders.splice(0)) await holder.kill();
});

/** A process that claims everything that waits. */
async function startHolder(): Promise<AppProcess> {
	const holder = new AppProcess(program, { path: rig.under.path, now: rig.now } satisfies Task, () => {});
	holders.push(holder);
	await holder.isReady();
	return holder;
}

async function tell(holder: AppProcess, command: Command): Promise<void> {
	const done = holder.saysSo((line) => line === "done");
	holder.tell(command);
	await done;
}

/** The files of workers beside a database. */
function lockFiles(folder = dirname(rig.under.path)): string[] {
	return readdirSync(folder)
		.filter((name) => name.includes("-worker-"))
		.map((name) => join(folder, name));
}

/** As if nobody had given a sign of life for this long. */
function age(ms = 60_000, folder?: string): void {
	const at = new Date(Date.now() - ms);
	for (const file of lockFiles(folder)) utimesSync(file, at, at);
}

/** By a process that has just begun. */
async function sweepAnew(path = rig.under.path): Promise<Swept> {
	const store = sqlite(path);
	try {
		return await store.sweep({ now: rig.now, limit: 100 });
	} finally {
		await store.close();
	}
}

function claimOwn(store: Store) {
	const token = () => store.leasePrefix() + newLeaseToken();
	const claim = { kinds: ["draw"], limit: 100, leaseExpiresAt: rig.now + 30_000, now: rig.now, newLeaseToken: token };
	return store.claimJobs(claim);
}

test("the leases of a killed process end with the next sweep of another, an attempt is counted, and its file goes", async () => {
	await rig.grant("ada", 5);
	const again = await rig.submit();
	const last = await rig.submit({ maxAttempts: 1, price: 5 });
	const holder = await startHolder();
	expect(await holder.kill()).toBe(true);
	age();
	const { returned, ended } = await sweepAnew();
	expect(returned).toBe(1);
	expect(ended).toMatchObject([{ id: last.id, status: "failed", error: { code: "worker_lost" }, held: 0 }]);
	expect(await rig.claimOne()).toMatchObject({ id: again.id, attempt: 2 });
	expect(await rig.store.readBalance("ada")).toMatchObject({ posted: 5, held: 0 });
	expect(lockFiles()).toEqual([]);
});

test("a sweep with a limit ends all leases of a dead worker, and hands over the rest the next time", async () => {
	for (let i = 0; i < 5; i++) await rig.submit();
	await (await startHolder()).kill();
	age();
	expect(await rig.store.sweep({ now: rig.now, limit: 2 })).toMatchObject({ returned: 2, nextDueAt: rig.now });
	expect(await rig.store.sweep({ now: rig.now, limit: 10 })).toMatchObject({ returned: 3 });
});

test("a frozen process is not robbed, however long it gives no sign of life, until its lease runs out", async () => {
	const job = await rig.submit();
	const holder = await startHolder();
	holder.signal("SIGSTOP");
	age();
	expect(await sweepAnew()).toMatchObject({ returned: 0, ended: [] });
	expect((await rig.read(job)).job).toMatchObject({ status: "running", leaseExpiresAt: rig.now + 30_000 });
	expect(lockFiles()).toHaveLength(1);
	await holder.kill();
	expect(await sweepAnew()).toMatchObject({ returned: 1 });
});

test("a process that lost its lock by reading the file is not robbed while it gives signs of life", async () => {
	await rig.submit();
	const holder = await startHolder();
	const [file] = lockFiles() as [string];
	await tell(holder, { does: "read", file });
	age(-60_000);
	expect(await sweepAnew()).toMatchObject({ returned: 0 });
	// It had lost it: only the sign of life has kept its job.
	age();
	expect(await sweepAnew()).toMatchObject({ returned: 1 });
});

test("a process gives its sign of life when it sweeps", async () => {
	await rig.submit();
	const holder = await startHolder();
	age();
	const before = Date.now() - 1_000;
	await tell(holder, { does: "sweep" });
	const [file] = lockFiles() as [string];
	expect(statSync(file).mtimeMs).toBeGreaterThan(before);
});

test("a store that is closed leaves no file, and its leases run out as those without a holder's name", async () => {
	const job = await rig.submit();
	const holder = await startHolder();
	expect(lockFiles()).toHaveLength(1);
	await tell(holder, { does: "close" });
	expect(lockFiles()).toEqual([]);
	expect(await sweepAnew()).toMatchObject({ returned: 0, nextDueAt: rig.now + 30_000 });
	rig.now += 30_000;
	expect(await sweepAnew()).toMatchObject({ returned: 1 });
	expect((await rig.read(job)).job.attempt).toBe(1);
});

test("stores of one process do not take each other for dead, and keep their locks through each other's looks", async () => {
	await rig.submit();
	expect(await claimOwn(rig.store)).toHaveLength(1);
	age();
	const neighbour = await rig.under.second();
	expect(neighbour.leasePrefix()).not.toBe(rig.store.leasePrefix());
	expect(await neighbour.sweep({ now: rig.now, limit: 100 })).toMatchObject({ returned: 0 });
	// Another process looks, after the looks of this one were closed.
	const holder = await startHolder();
	age();
	await tell(holder, { does: "sweep" });
	expect(lockFiles()).toHaveLength(2);
	expect(await sweepAnew()).toMatchObject({ returned: 0 });
});

test("of two processes that look at once one takes the jobs back, and neither takes the other's", async () => {
	for (let i = 0; i < 3; i++) await rig.submit();
	await (await startHolder()).kill();
	age();
	const other = await rig.under.second();
	const sweeps = await Promise.all([rig.store, other].map((store) => store.sweep({ now: rig.now, limit: 100 })));
	expect(sweeps.map(({ returned }) => returned).sort()).toEqual([0, 3]);
	expect(await claimOwn(rig.store)).toHaveLength(3);
	expect(await other.sweep({ now: rig.now, limit: 100 })).toMatchObject({ returned: 0 });
});

test("in a copied folder jobs go on at once, and in the original with their worker", async () => {
	const job = await rig.submit();
	await startHolder();
	const copy = mkdtempSync(join(tmpdir(), "darkroom-copied-"));
	try {
		// By another process: what this one reads of an open database loses its locks.
		spawnSync("cp", ["-R", `${dirname(rig.under.path)}/.`, copy]);
		age(60_000, copy);
		expect(await sweepAnew(join(copy, "darkroom.db"))).toMatchObject({ returned: 1 });
		expect(lockFiles(copy)).toEqual([]);
	} finally {
		rmSync(copy, { recursive: true });
	}
	age();
	expect(await sweepAnew()).toMatchObject({ returned: 0 });
	expect((await rig.read(job)).job.status).toBe("running");
});

test("a process that opens the database by a link sees who works on it", async () => {
	await rig.submit();
	await (await startHolder()).kill();
	age();
	const folder = mkdtempSync(join(tmpdir(), "darkroom-link-"));
	try {
		const link = join(folder, "linked.db");
		symlinkSync(rig.under.path, link);
		expect(await sweepAnew(link)).toMatchObject({ returned: 1 });
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("a database that is restored without the files has leases that run out", async () => {
	await rig.submit();
	await (await startHolder()).kill();
	for (const file of lockFiles()) rmSync(file);
	expect(await sweepAnew()).toMatchObject({ returned: 0, nextDueAt: rig.now + 30_000 });
});

test("a file that is locked between the look at it and the sweep's transaction is a living worker's", async () => {
	const file = `${rig.under.path}-worker-0123456789`;
	writeFileSync(file, "");
	age();
	await rig.running();
	await rig.submit();
	await rig.claim({ newLeaseToken: () => `0123456789-${newLeaseToken()}` });
	// It has looked when it returns, and begins its transaction at the end of the turn.
	const swept = rig.store.sweep({ now: rig.now, limit: 100 });
	const lock = new DatabaseSync(file);
	lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
	expect(await swept).toMatchObject({ returned: 0 });
	expect(lockFiles()).toEqual([file]);
	lock.close();
	expect(await sweepAnew()).toMatchObject({ returned: 1 });
});

test("a file that was left behind without leases is removed, and no other file", async () => {
	const left = `${rig.under.path}-worker-0123456789`;
	const others = [`${rig.under.path}-worker-notes.txt`, join(dirname(rig.under.path), "other.db-worker-0123456789")];
	for (const file of [left, ...others]) writeFileSync(file, "");
	age();
	await sweepAnew();
	expect(lockFiles().sort()).toEqual(others.sort());
});

test("where no file can be made work goes on, a line says so once, and leases run out", async () => {
	const folder = mkdtempSync(join(tmpdir(), "darkroom-long-"));
	const lines: string[] = [];
	// Its log still has a name that a file may have; what is longer has none.
	const path = join(folder, `${"x".repeat(242)}.db`);
	const store = sqlite(path, { logger: { ...silentLogger, warn: (_, message) => void lines.push(message) } });
	try {
		await store.submitJob(rig.submission());
		expect(await claimOwn(store)).toHaveLength(1);
		expect(store.leasePrefix()).toBe("");
		expect(lines).toEqual(["cannot show that this process lives"]);
		expect(await sweepAnew(path)).toMatchObject({ returned: 0, nextDueAt: rig.now + 30_000 });
	} finally {
		await store.close();
		rmSync(folder, { recursive: true });
	}
});

test("a lease whose token names no worker is never ended by a look", async () => {
	// Of an engine whose runs do not end with a process, or of an older Darkroom.
	const job = await rig.running();
	await claimOwn(rig.store);
	expect(rig.store.leasePrefix()).toMatch(/^[0-9a-f]{10}-$/);
	await (await startHolder()).kill();
	age();
	expect(await sweepAnew()).toMatchObject({ returned: 0 });
	await rig.store.extendLeases([leaseOf(job)], rig.now + 60_000);
});

test("its file may be read by whoever may read the database, and has nothing in it", async () => {
	chmodSync(rig.under.path, 0o640);
	await rig.submit();
	await claimOwn(rig.store);
	const [file] = lockFiles() as [string];
	expect(statSync(file)).toMatchObject({ size: 0, mode: statSync(rig.under.path).mode });
});

test("a database in memory has no files", async () => {
	const lines: string[] = [];
	const logger = { ...silentLogger, warn: (_: unknown, message: string) => void lines.push(message) };
	for (const path of ["file:nowhere?mode=memory&cache=shared", ":memory:"]) {
		const store = sqlite(path, { logger });
		await store.submitJob(rig.submission());
		expect(store.leasePrefix()).toBe("");
		expect(await store.sweep({ now: rig.now, limit: 1 })).toMatchObject({ returned: 0 });
		await store.close();
	}
	// Other tests may have files here for a moment.
	expect(readdirSync(process.cwd()).filter((name) => /nowhere|memory|-worker-/.test(name))).toEqual([]);
	expect(lines).toEqual([]);
});
