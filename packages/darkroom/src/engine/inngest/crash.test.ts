import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sqlite } from "../../store/sqlite/index.ts";
import { AppProcess } from "../../testing/app-process.testsuite.ts";
import { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import { owner } from "../suite/rig.testsuite.ts";
import type { ServedTask } from "./served-app.testsuite.ts";

let folder: string;
let server: InngestServer;
let apps: AppProcess[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-crash-"));
	apps = [];
});
afterEach(async () => {
	for (const app of apps) await app.kill();
	await server.stop();
	rmSync(folder, { recursive: true, force: true });
});

/** By which the app stands still in the middle of its second step, until it is opened. */
const gatePath = () => join(folder, "gate");
const effectsPath = () => join(folder, "effects.log");
const databasePath = () => join(folder, "darkroom.db");

/** A process that listens, and the port at which it does. */
async function startApp(given: Pick<ServedTask, "port">): Promise<{ app: AppProcess; port: number }> {
	const paths = { databasePath: databasePath(), effectsPath: effectsPath(), gatePath: gatePath() };
	const task: ServedTask = { ...paths, inngestUrl: server.url, ...given };
	let port = given.port;
	const app = new AppProcess(join(import.meta.dirname, "served-app.testsuite.ts"), task, (line) => {
		if (line.startsWith("port ")) port = Number(line.slice("port ".length));
	});
	apps.push(app);
	await app.isReady();
	return { app, port };
}

/** As if the lease of whoever died had run out: no time has to pass in which the living could lose theirs, too. */
function endLeases(): void {
	const db = new DatabaseSync(databasePath());
	db.exec("UPDATE jobs SET lease_expires_at = 1, due_at = 1 WHERE lease_token IS NOT NULL");
	db.close();
}

/** What is left behind when nobody works any more. */
async function readOutcome() {
	const store = sqlite(databasePath());
	await store.open();
	const [found] = await store.listJobs({ viewer: owner, limit: 10 });
	const entries = await store.listEntries(owner, 100);
	const balance = await store.readBalance(owner);
	await store.close();
	const captures = entries.filter(({ type }) => type === "capture").map(({ posted }) => posted);
	return { job: found?.job, steps: found?.steps ?? [], captures, balance };
}

/** Inngest's own wait after a call that reached nobody: long enough for the app to be there again before it gives up. */
const backoffMs = () => 500;

describe.each([
	["several steps in a call", true],
	["a call for each step", false],
])("an app that is killed in the middle of a step, with %s, and started again,", (_, checkpointing) => {
	test.each([
		["whose run Inngest goes on with", false, 1],
		["whose run Inngest has forgotten", true, 2],
	] as const)(
		"finishes the job %s: no completed step again, one charge, and no attempt used up",
		async (_, isForgotten, attempt) => {
			server = await InngestServer.start({ checkpointing, backoffMs });
			const first = await startApp({ port: 0 });
			await server.sync(`http://127.0.0.1:${first.port}/api/inngest`);
			const inTheMiddle = first.app.saysSo((line) => line === "at work: write");
			first.app.tell({ does: "submit" });
			await inTheMiddle;
			expect(await first.app.kill()).toBe(true);
			if (isForgotten) {
				server.forget(server.runs[0]?.id ?? "");
				endLeases();
			}
			writeFileSync(gatePath(), "");

			const second = await startApp({ port: first.port });
			await server.until(() => server.runs.at(-1)?.status === "completed");
			second.app.signal("SIGTERM");
			await second.app.isDone();

			const { job, steps, captures, balance } = await readOutcome();
			expect(job).toMatchObject({ status: "completed", output: ["plan", "write", "draw"], attempt });
			expect(steps.map(({ name, status, attempts }) => [name, status, attempts])).toEqual([
				["plan", "completed", 1],
				["write", "completed", 1],
				["draw", "completed", 1],
			]);
			// What was cut off in the middle is done again, as the same try; what was complete is not.
			expect(readFileSync(effectsPath(), "utf8").split("\n")).toEqual(["plan 1", "write 1", "write 1", "draw 1", ""]);
			expect(captures).toEqual([-5]);
			expect(balance).toEqual({ posted: 95, held: 0, available: 95 });
		},
		60_000,
	);
});
