/** What sign-in answered instead of letting somebody in. */
export interface Refusal {
	/** Of the answer; 0 where none came. */
	readonly status: number;
	readonly code?: string | undefined;
}

/** The refusal that an attempt came to; undefined where it worked. A network that is away is one, too. */
export async function refusalOf(attempt: Promise<{ readonly error: Refusal | null }>): Promise<Refusal | undefined> {
	try {
		return (await attempt).error ?? undefined;
	} catch {
		// The browser's own words for it say nothing to anyone.
		return { status: 0 };
	}
}

const sentences: Readonly<Record<string, string>> = {
	INVALID_EMAIL_OR_PASSWORD: "That e-mail and password do not belong together.",
	USER_ALREADY_EXISTS: "There is an account with this e-mail already. Sign in instead.",
	USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: "There is an account with this e-mail already. Sign in instead.",
	INVALID_EMAIL: "That is not an e-mail address.",
	PASSWORD_TOO_SHORT: "The password needs at least 8 characters.",
	PASSWORD_TOO_LONG: "The password may have at most 128 characters.",
};

/** What to tell the person, and what they can do. `tooMany` is for who came too often. */
export function sentenceFor({ status, code }: Refusal, tooMany: string): string {
	if (status === 429) return tooMany;
	if (status === 503) return "Sign-in cannot be reached at the moment. Nothing is lost; please try again shortly.";
	if (status === 0) return "No answer came. Check your connection and try again.";
	return sentences[code ?? ""] ?? "That did not work. Please try again.";
}
