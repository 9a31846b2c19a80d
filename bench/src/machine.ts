import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { median, percentile } from "./figures.ts";

/** What a figure means nothing without. */
export function describeMachine(): string {
	const cpu = cpus()[0]?.model.trim() ?? "unknown processor";
	const memory = `${Math.round(totalmem() / 1024 ** 3)} GB`;
	return `${availableParallelism()} cores of ${cpu}, ${memory}, ${process.platform} ${process.arch}, Node ${process.version}`;
}

export function describeCommit(): string {
	try {
		const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
		return `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") ? " with changes" : ""}`;
	} catch {
		return "unknown";
	}
}

/** The folder whose disk is measured: `BENCH_DIR`, or the system's temporary one. */
export const benchFolder = process.env.BENCH_DIR ?? tmpdir();

/** What one commit's sync costs on this disk, in ms: 48 kB written and synced, 1,000 times. */
export function measureSync(): { median: number; p99: number } {
	const path = join(benchFolder, `darkroom-sync-${process.pid}`);
	const file = openSync(path, "w");
	const page = Buffer.alloc(48 * 1024, 1);
	const times: number[] = [];
	for (let n = 0; n < 1_000; n++) {
		writeSync(file, page, 0, page.length, (n % 100) * page.length);
		const startedAt = performance.now();
		fdatasyncSync(file);
		times.push(performance.now() - startedAt);
	}
	closeSync(file);
	rmSync(path);
	return { median: median(times), p99: percentile(times, 99) };
}
