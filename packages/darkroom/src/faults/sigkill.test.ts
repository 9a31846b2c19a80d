import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Audit } from "./sigkill-audit.testsuite.ts";
import { kinds, type Order } from "./sigkill-jobs.testsuite.ts";

/**
 * Processes that are killed with SIGKILL in the middle of their work, one after the other on the same file. Each is
 * killed after a random number of lines that it said, so at any moment of accepting, claiming, working and settling.
 * `FAULT_ROUNDS` makes it longer, `FAULT_SEED` repeats one.
 */
const rounds = Number(process.env.FAULT_ROUNDS ?? 12);
const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seed);
const app = fileURLToPath(new URL("./sigkill-app.testsuite.ts", import.meta.url));
const owners = ["ada", "grace", "edsger", "poor"];

interface Task {
	readonly owner: string;
	readonly kind: string;
	readonly order: Order;
}

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-sigkill-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test(
	"whatever is killed when, every accepted job ends, is charged once, and no completed step runs again",
	async () => {
		const databasePath = join(folder, "darkroom.db");
		const effectsPath = join(folder, "effects.log");
		const audit = new Audit(databasePath, effectsPath);
		const orders: Task[] = [];
		let kills = 0;
		const live = async (count: number, again: readonly Task[], killAfter: number) => {
			const fresh = Array.from({ length: count }, (_, i) => newOrder(`${orders.length + i}`));
			orders.push(...fresh);
			if (await run({ databasePath, effectsPath, again, fresh }, (line) => audit.heard(line), killAfter)) kills++;
		};
		for (let round = 0; round < rounds; round++) {
			// Those that were never answered, and some that were: the same key again.
			const again = orders.filter(({ order }) => !audit.accepted.has(order.key) || random() < 0.1);
			await live(60, again, Math.ceil(random() ** 2 * 500));
			audit.betweenProcesses();
		}
		await live(
			0,
			orders.filter(({ order }) => !audit.accepted.has(order.key)),
			Number.POSITIVE_INFINITY,
		);
		const { jobs, steps } = audit.atTheEnd();
		const facts = `${jobs} jobs, ${steps} steps, ${kills} kills, ${audit.accepted.size} acknowledged`;
		console.log(`SIGKILL: ${facts}, violations ${audit.violations.length} (seed ${seed})`);
		expect(audit.violations).toEqual([]);
		expect(audit.accepted.size).toBeGreaterThan(rounds);
	},
	60_000 + rounds * 5_000,
);

function newOrder(key: string): Task {
	const kind = kinds[Math.floor(random() * kinds.length)] as string;
	const owner = owners[Math.floor(random() * owners.length)] as string;
	const refused = kind === "story" ? Math.floor(random() * 3) : 0;
	return { owner, kind, order: { key, fails: random() < 0.15, flaky: random() < 0.2, refused } };
}

/** Lets a process live until it has said this many lines, or everything. True when it was killed. */
async function run(task: object, hear: (line: string) => void, killAfter: number): Promise<boolean> {
	const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", app, JSON.stringify(task)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const exited = once(child, "exit");
	let lines = 0;
	for await (const line of createInterface({ input: child.stdout })) {
		// What it said before it died is true, however late it is read.
		hear(line);
		if (++lines === killAfter) child.kill("SIGKILL");
	}
	const [code, signal] = await exited;
	if (signal === "SIGKILL") return true;
	if (code !== 0) throw new Error(`The process ended with ${code ?? signal} (seed ${seed}).`);
	return false;
}

/** mulberry32: small, and the same for the same seed. */
function randomFrom(start: number): () => number {
	let state = start;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
