import { readdirSync, readFileSync } from "node:fs";

/** What a process and its children hold and have used. */
export interface Usage {
	readonly memoryMb: number;
	/** User and system time since they began, in seconds, with that of children that have ended. */
	readonly processorSeconds: number;
}

interface Process {
	readonly id: number;
	readonly parent: number;
	readonly ticks: number;
}

/** `USER_HZ`: what Linux counts `/proc/*\/stat` in, on every platform that Node has. */
const ticksPerSecond = 100;

/** Read from `/proc`; undefined where the system has none. */
export function readUsage(root: number): Usage | undefined {
	if (process.platform !== "linux") return undefined;
	const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
	const tree = all.filter(({ id }) => id === root);
	for (const { id } of tree) tree.push(...all.filter(({ parent }) => parent === id));
	return {
		memoryMb: tree.reduce((sum, { id }) => sum + readMemoryKb(id), 0) / 1_024,
		processorSeconds: tree.reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond,
	};
}

/** Undefined for one that has just ended. The name, in brackets, may itself have spaces and brackets. */
function readProcess(id: number): Process | undefined {
	const stat = read(`/proc/${id}/stat`);
	if (stat === undefined) return undefined;
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	const times = fields.slice(11, 15).map(Number);
	return { id, parent: Number(fields[1]), ticks: times.reduce((sum, ticks) => sum + ticks, 0) };
}

/** Proportional, so that memory which Postgres' processes share counts once; resident where that may not be read. */
function readMemoryKb(id: number): number {
	const size = /^Pss:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`) ?? "");
	return Number((size ?? /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${id}/status`) ?? ""))?.[1] ?? 0);
}

function read(file: string): string | undefined {
	try {
		return readFileSync(file, "utf8");
	} catch {
		// It ended between the listing and this.
		return undefined;
	}
}
