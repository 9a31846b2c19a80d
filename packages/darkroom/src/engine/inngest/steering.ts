/** A step, or a whole call of a run, that is to come again at its time. Inngest knows such an error by its name. */
export class RetryAfterError extends Error {
	override readonly name = "RetryAfterError";
	/** Seconds, or a date. */
	readonly retryAfter: string;

	constructor(message: string, { after, cause }: { readonly after: Date | number; readonly cause?: unknown }) {
		super(message, { cause });
		this.retryAfter = after instanceof Date ? after.toISOString() : String(after);
	}
}

/** Whether this is a `RetryAfterError`, or what Inngest has made of one. */
export function isToComeAgain(error: unknown): boolean {
	return (error as Partial<Error> | null)?.name === "RetryAfterError";
}

/** What would come to the same end again. Inngest knows it by its name. */
export class NonRetriableError extends Error {
	override readonly name = "NonRetriableError";
}
