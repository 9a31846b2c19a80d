import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Audit } from "./sigkill-audit.testsuite.ts";
import { kinds, type Order } from "./sigkill-jobs.testsuite.ts";
import { AppProcess } from "./sigkill-process.testsuite.ts";

/**
 * Processes that are killed with SIGKILL in the middle of their work, one after the other on the same file. Each is
 * killed after a random number of lines that it said, so at any moment of accepting, claiming, working and settling.
 * Every third is frozen first, for longer than its leases, while another takes over; then it goes on beside that one
 * as if nothing had been, until both are killed. `FAULT_ROUNDS` makes it longer, `FAULT_SEED` repeats its choices.
 */
const rounds = Number(process.env.FAULT_ROUNDS ?? 12);
const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seed);
const owners = ["ada", "grace", "edsger", "poor"];
const ordersPerProcess = 60;
/** A process that was frozen in the middle of a commit keeps the other one waiting, so that one is not waited for. */
const longestFreezeMs = 2_000;

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
	"whatever is killed or frozen when, every accepted job ends, is charged once, and no completed step runs again",
	async () => {
		const databasePath = join(folder, "darkroom.db");
		const effectsPath = join(folder, "effects.log");
		const audit = new Audit(databasePath, effectsPath);
		const orders: Task[] = [];
		const unanswered = () => orders.filter(({ order }) => !audit.accepted.has(order.key));
		const start = (again: readonly Task[], count: number) => {
			const fresh = Array.from({ length: count }, (_, i) => newOrder(`${orders.length + i}`));
			orders.push(...fresh);
			const task = { databasePath, effectsPath, again, fresh };
			return new AppProcess("sigkill-app.testsuite.ts", task, (line) => audit.heard(line));
		};
		let kills = 0;
		let freezes = 0;
		for (let round = 1; round <= rounds; round++) {
			// Those that were never answered, and some that were: the same key again.
			const repeated = orders.filter(() => random() < 0.1);
			const living = [start([...new Set([...unanswered(), ...repeated])], ordersPerProcess)];
			await living[0]?.says(Math.ceil(random() ** 2 * 500));
			if (round % 3 === 0) {
				living.push(await overtake(living[0] as AppProcess, start([], ordersPerProcess), audit));
				freezes++;
			}
			for (const app of living) if (await app.kill()) kills++;
			audit.compare();
			expect(audit.violations, `seed ${seed}`).toEqual([]);
		}
		await start(unanswered(), 0).isDone();
		const { jobs, steps } = audit.atTheEnd();
		const facts = `${jobs} jobs, ${steps} steps, ${kills} kills, ${freezes} freezes`;
		console.log(`SIGKILL: ${facts}, violations ${audit.violations.length} (seed ${seed})`);
		expect(audit.violations, `seed ${seed}`).toEqual([]);
		expect(audit.accepted.size).toBeGreaterThan(rounds);
		expect(kills).toBeGreaterThan(0);
	},
	30_000 + rounds * 4_000,
);

/** Freezes the first until the second has done a part of its work, and then lets them work side by side for a while. */
async function overtake(first: AppProcess, second: AppProcess, audit: Audit): Promise<AppProcess> {
	first.signal("SIGSTOP");
	await Promise.race([second.says(Math.ceil(random() * 300)), pause(longestFreezeMs)]);
	// What the second has completed by now, the first must not do again, though it knows nothing of it.
	audit.compare();
	first.signal("SIGCONT");
	await Promise.race([first.says(Math.ceil(random() * 60)), second.says(100)]);
	return second;
}

function newOrder(key: string): Task {
	const kind = kinds[Math.floor(random() * kinds.length)] as string;
	const owner = owners[Math.floor(random() * owners.length)] as string;
	const refused = kind === "story" ? Math.floor(random() * 3) : 0;
	return { owner, kind, order: { key, fails: random() < 0.15, flaky: random() < 0.2, refused } };
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
