/** Characters of a subject, and of a request, that an answer repeats. */
const longestSubject = 80;
const longestRequest = 160;

/** A few sentences to any request, which nobody takes for a model's: they repeat its subject and say what they are. */
export function answerAnything(request: string): string {
	const subject = subjectOf(request);
	const asked = shorten(request.replace(/\s+/g, " ").trim(), longestRequest);
	return [
		subject ? `Here would be something about ${subject}.` : "Here would be an answer.",
		"This is the placeholder, which answers without a model, so that everything round it can be tried.",
		...(asked ? [`It was asked: “${asked}”`] : []),
		"Name a model for this role, and it answers instead.",
	].join(" ");
}

/** `rain` of `Write a haiku about rain.` */
function subjectOf(request: string): string | undefined {
	const match = /\b(?:about|regarding|on the subject of)\s+([^\n.!?;]+)/iu.exec(request);
	return match?.[1] && shorten(match[1].trim(), longestSubject);
}

function shorten(text: string, longest: number): string {
	const characters = [...text];
	return characters.length <= longest
		? text
		: `${characters
				.slice(0, longest - 1)
				.join("")
				.trimEnd()}…`;
}
