const highestPort = 65_535;

/** What is wrong with this value of `PORT`, in a sentence; undefined for one that is fine, or not set. */
export function portFault(value: string | undefined): string | undefined {
	if (value === undefined || value === "") return undefined;
	if (/^\d{1,5}$/.test(value) && Number(value) <= highestPort) return undefined;
	return `PORT is "${value}": it must be a whole number from 0 to ${highestPort}.`;
}
