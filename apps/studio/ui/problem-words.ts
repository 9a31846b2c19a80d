/** What went wrong, as the server or the client says it: a refusal, or how a job failed. */
interface Problem {
	readonly code: string;
	readonly detail: string;
	readonly title?: string;
}

export interface Words {
	/** In a few words. */
	readonly title: string;
	/** What happened, and what to do. */
	readonly detail: string;
}

/**
 * What is said to whoever runs the Studio names databases and disks; a maker can do nothing with that. The log has it.
 * Every other refusal is a sentence for the one who asked already.
 */
const ours: Readonly<Record<string, Words>> = {
	store_unavailable: {
		title: "Out of reach just now",
		detail: "The Studio cannot reach its records at the moment. Nothing is lost; please try again shortly.",
	},
	stopped: {
		title: "Back in a moment",
		detail: "The Studio is being restarted. Nothing is lost; please try again in a moment.",
	},
	bad_answer: {
		title: "No proper answer",
		detail: "The Studio did not answer as it should. Nothing is lost; please try again shortly.",
	},
	misconfigured: {
		title: "Not set up",
		detail: "Something in this Studio is not set up as it should be.",
	},
};

/** A problem in words that a maker can use. */
export function wordsOf({ code, title, detail }: Problem): Words {
	return ours[code] ?? { title: title ?? "That did not work", detail };
}
