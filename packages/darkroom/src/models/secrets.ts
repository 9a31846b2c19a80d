/**
 * Takes keys out of a vendor's error before it becomes a cause: a vendor may quote the key it refuses, and loggers
 * print causes. Changes the error itself and everything it was caused by; anything that is not an error is left.
 * @param secrets keys of at least eight characters; shorter ones would tear words apart
 */
export function removeSecrets(error: unknown, secrets: readonly string[]): void {
	const keys = secrets.filter((secret) => secret.length >= 8);
	if (keys.length === 0) return;
	const seen = new Set<unknown>();
	for (let link = error; link instanceof Error && !seen.has(link); link = link.cause) {
		seen.add(link);
		const fields = link as unknown as Record<string, unknown>;
		for (const name of ["message", "stack", "responseBody", "url", "data"]) {
			const clean = cleaned(fields[name], keys);
			if (clean === fields[name]) continue;
			Object.defineProperty(link, name, { value: clean, writable: true, configurable: true, enumerable: false });
		}
	}
}

function cleaned(value: unknown, keys: readonly string[]): unknown {
	if (typeof value === "string") {
		return keys.reduce((text, key) => text.replaceAll(key, "[key removed]"), value);
	}
	if (typeof value !== "object" || value === null) return value;
	const text = JSON.stringify(value);
	if (!keys.some((key) => text?.includes(key))) return value;
	return JSON.parse(cleaned(text, keys) as string);
}
