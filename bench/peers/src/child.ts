import type { Surroundings } from "./contender.ts";
import { entries } from "./contenders.ts";
import { Course } from "./course.ts";
import { type Limits, measure, type Reading } from "./measure.ts";

/** What the process of one reading is told. */
export interface Task {
	readonly id: string;
	readonly surroundings: Surroundings;
	readonly limits: Limits;
	readonly serverPid: number | undefined;
}

/** What it answers. */
export type Answer = { readonly reading: Reading } | { readonly unavailable: string };

/** One contender, one reading, one process; what it leaves is deleted with its folder and its server. */
const { id, surroundings, limits, serverPid } = JSON.parse(process.argv[2] ?? "{}") as Task;
const entry = entries.find((candidate) => candidate.id === id);
if (!entry) throw new Error(`There is no contender "${id}".`);
process.once("disconnect", () => process.exit(1));
const course = new Course();
const open = await entry.load();
try {
	const contender = await open(surroundings, course);
	answer({ reading: await measure(contender, course, limits, serverPid) });
} catch (error) {
	const isUnpublished = (error as { code?: unknown }).code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
	if (!isUnpublished) throw error;
	answer({ unavailable: (error as Error).message.split(" in ")[0] ?? "" });
}

function answer(content: Answer): void {
	process.send?.(content, () => process.exit(0));
}
