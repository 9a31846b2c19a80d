import type { Guarantees } from "./contenders.ts";
import { ourIds, type Summary } from "./summary.ts";

const columns = ["", "version", "jobs/s", "÷ SQLite", "÷ Postgres", "first step p50", "p99", "memory", "CPU a job"];
const questions: Record<keyof Guarantees, string> = {
	steps: "durable steps",
	charge: "the charge",
	perOwner: "limit per owner",
	durability: "on the disk",
};

/** What the figures mean nothing without, by name. */
export type Circumstances = Readonly<Record<string, string>>;

/** For a terminal: the figures in columns, then what stands beside each. */
export function printPlain(circumstances: Circumstances, summaries: readonly Summary[]): string {
	const lines = Object.entries(circumstances).map(([name, value]) => `  ${name.padEnd(9)} ${value}`);
	const rows = [columns, ...summaries.map(cellsOf)];
	const widths = columns.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
	const table = rows.map((cells) =>
		cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
	);
	const beside = summaries.flatMap((summary) => [
		"",
		`${summary.entry.title} ${summary.version}`,
		...linesOf(summary).map(([question, answer]) => `  ${question.padEnd(16)} ${answer}`),
	]);
	const servers = serversOf(summaries).map((server) => `  server    ${server}`);
	const figures = table.map((cells) => cells.join("  ").trimEnd());
	return ["Darkroom and its peers", ...lines, ...servers, "", ...figures, ...beside].join("\n");
}

/** For a page: the same as two tables. */
export function printMarkdown(circumstances: Circumstances, summaries: readonly Summary[]): string {
	const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
	const rule = (count: number, isNumber: (column: number) => boolean) =>
		row(Array.from({ length: count }, (_, column) => (isNumber(column) ? "---:" : "---")));
	const names = Object.values(questions);
	return [
		...Object.entries(circumstances).map(([name, value]) => `- ${name}: ${value}`),
		...serversOf(summaries).map((server) => `- server: ${server}`),
		"",
		row(columns),
		rule(columns.length, (column) => column > 1),
		...summaries.map((summary) => row(cellsOf(summary))),
		"",
		row(["", ...names, "settings"]),
		rule(names.length + 2, () => false),
		...summaries.map((summary) => row([summary.entry.title, ...linesOf(summary).map(([, answer]) => answer)])),
	].join("\n");
}

function cellsOf({ entry, version, figures }: Summary): string[] {
	if (!figures) return [entry.title, version, "not measured", ...columns.slice(3).map(() => "–")];
	const { memoryMb, serverMemoryMb } = figures;
	const memory = `${number(memoryMb)}${serverMemoryMb === undefined ? "" : ` + ${number(serverMemoryMb)}`} MB`;
	const cpu = figures.processorUsPerJob;
	return [
		entry.title,
		version,
		`${number(figures.jobsPerSecond)}${figures.isWhole ? "" : " (cut off)"}`,
		...ourIds.map((id) => ratio(figures.ratios.get(id))),
		`${number(figures.firstStepMedianMs)} ms`,
		`${number(figures.firstStepP99Ms)} ms`,
		memory,
		cpu === undefined ? "–" : `${number(cpu)} µs`,
	];
}

/** As each told it of itself, once. */
function serversOf(summaries: readonly Summary[]): string[] {
	return [...new Set(summaries.flatMap(({ serverSettings }) => serverSettings ?? []))];
}

function linesOf({ entry, figures, unavailable }: Summary): [string, string][] {
	const guarantees = Object.entries(questions).map(([key, question]): [string, string] => [
		question,
		entry.guarantees[key as keyof Guarantees],
	]);
	if (!figures) return [...guarantees, ["settings", `not measured: ${unavailable}`]];
	const runs = `${number(figures.jobs)} jobs, ${number(figures.range[0])} to ${number(figures.range[1])} a second, first step of ${figures.samples}`;
	return [...guarantees, ["settings", `${entry.settings}; ${runs}`]];
}

function ratio(value: number | undefined): string {
	return value === undefined || !Number.isFinite(value) ? "–" : `${value.toFixed(value >= 10 ? 0 : 1)} ×`;
}

function number(value: number): string {
	return value.toLocaleString("en-US", { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });
}
