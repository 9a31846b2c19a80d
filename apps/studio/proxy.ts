import { type NextRequest, NextResponse } from "next/server";

/**
 * The content security policy, with a nonce a page. Styles may be inline because React writes style attributes
 * (a progress bar's width) that no nonce can cover; scripts may not.
 */
export function proxy(request: NextRequest): NextResponse {
	const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
	const isDev = process.env.NODE_ENV === "development";
	const policy = [
		"default-src 'self'",
		`script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ""}`,
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' blob: data:",
		"font-src 'self'",
		"connect-src 'self'",
		"object-src 'none'",
		"base-uri 'self'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	].join("; ");
	const headers = new Headers(request.headers);
	headers.set("content-security-policy", policy);
	headers.set("x-nonce", nonce);
	const response = NextResponse.next({ request: { headers } });
	response.headers.set("content-security-policy", policy);
	return response;
}

/** Pages only. The API must stay out: this layer would cut an upload off at 10 MB without a word. */
export const config = { matcher: ["/((?!api/|_next/|.*\\.(?:svg|png|webp|jpg|ico|txt)$).*)"] };
