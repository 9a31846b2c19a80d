import { DarkroomError } from "../core/errors.ts";

const readingMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses a change that another site's page makes a viewer's browser send with the viewer's cookie. Browsers say
 * where a request comes from (`Sec-Fetch-Site`, or `Origin` in older ones) and pages cannot forge either; what
 * has neither header is no browser (curl, a server), and carries no cookie that it was not given.
 *
 * `same-site` is refused as well: a neighbouring subdomain may be someone else's. `trustedOrigins` are those
 * that may, such as `https://app.example.com`.
 * @throws `cross_origin`
 */
export function requireSameOrigin(request: Request, trustedOrigins: readonly string[]): void {
	if (readingMethods.has(request.method)) return;
	const site = request.headers.get("sec-fetch-site");
	const origin = request.headers.get("origin");
	if (site === "same-origin" || site === "none") return;
	if (origin !== null && trustedOrigins.includes(origin)) return;
	if (site === null && (origin === null || isOwnHost(request, origin))) return;
	throw new DarkroomError("cross_origin", {
		detail: `A page of ${origin ?? "another site"} may not change anything here. If it should, add its origin to \`trustedOrigins\`.`,
	});
}

/** By host alone: behind a proxy that ends TLS, the scheme that we see is not the browser's. */
function isOwnHost(request: Request, origin: string): boolean {
	const { headers } = request;
	if (!URL.canParse(origin)) return false;
	const host = new URL(origin).host;
	// Another site's page cannot set X-Forwarded-Host: a custom header needs a preflight, which is never granted.
	const forwarded = headers.get("x-forwarded-host")?.split(",")[0]?.trim();
	return host === forwarded || host === (headers.get("host") ?? new URL(request.url).host);
}
