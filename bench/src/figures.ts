/** One line of the report. */
export interface Figure {
	readonly name: string;
	readonly value: number;
	readonly unit: string;
	/** What the project set itself; printed beside the value, with whether it was met. */
	readonly target?: { readonly most?: number; readonly least?: number };
	/** How it was taken, in a few words. */
	readonly note?: string;
}

export function percentile(values: readonly number[], percent: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
	return percentile(values, 50);
}

export function format(figure: Figure): string {
	const { name, value, unit, target, note } = figure;
	const aim =
		target?.least !== undefined
			? `at least ${number(target.least)} ${value >= target.least ? "✓" : "✗"}`
			: target?.most !== undefined
				? `at most ${number(target.most)} ${value <= target.most ? "✓" : "✗"}`
				: "";
	return `  ${name.padEnd(52)} ${number(value).padStart(9)} ${unit.padEnd(9)} ${aim.padEnd(20)} ${note ?? ""}`.trimEnd();
}

function number(value: number): string {
	if (!Number.isFinite(value)) return "–";
	return value.toLocaleString("en-US", { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 3 });
}
