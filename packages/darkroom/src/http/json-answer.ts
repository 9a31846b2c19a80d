/**
 * An answer in JSON. What a viewer sees is nobody else's and changes at any moment, so by default it may be kept
 * by the viewer's own browser only, and must be asked for again before it is used.
 */
export function answerJson(body: unknown, init: { status?: number; headers?: Record<string, string> } = {}): Response {
	return new Response(JSON.stringify(body), {
		status: init.status ?? 200,
		headers: {
			"content-type": "application/json; charset=utf-8",
			"cache-control": "private, no-cache",
			"x-content-type-options": "nosniff",
			...init.headers,
		},
	});
}
