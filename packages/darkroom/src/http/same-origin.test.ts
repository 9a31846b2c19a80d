import { describe, expect, test } from "vitest";
import { requireSameOrigin } from "./same-origin.ts";

const own = "https://app.test";

function check(headers: Record<string, string>, method = "POST", trustedOrigins: readonly string[] = []): () => void {
	const request = new Request("http://10.0.0.7:3000/api/jobs/clear", { method, headers });
	return () => requireSameOrigin(request, trustedOrigins);
}

const refusal = expect.objectContaining({ code: "cross_origin", status: 403 });

describe("a change is refused", () => {
	test.each([
		["from another site", { "sec-fetch-site": "cross-site", origin: "https://evil.test", host: "app.test" }],
		[
			"from a neighbouring subdomain",
			{ "sec-fetch-site": "same-site", origin: "https://blog.app.test", host: "app.test" },
		],
		["from another site without its name", { "sec-fetch-site": "cross-site", host: "app.test" }],
		["of another origin, in a browser without Sec-Fetch-Site", { origin: "https://evil.test", host: "app.test" }],
		["of another port", { origin: "https://app.test:8443", host: "app.test" }],
		["of a sandboxed page", { origin: "null", host: "app.test" }],
		[
			"that claims to be ours while the browser knows better",
			{ "sec-fetch-site": "cross-site", origin: own, host: "app.test" },
		],
	])("%s", (_, headers) => {
		expect(check(headers)).toThrow(refusal);
		expect(check(headers, "DELETE")).toThrow(refusal);
	});
});

describe("a change passes", () => {
	test.each([
		["from our own page", { "sec-fetch-site": "same-origin", origin: own, host: "10.0.0.7:3000" }],
		["typed by the user", { "sec-fetch-site": "none" }],
		["by Origin and Host", { origin: own, host: "app.test" }],
		[
			"by Origin and the proxy's word for Host",
			{ origin: own, host: "10.0.0.7:3000", "x-forwarded-host": "app.test, inner" },
		],
		["by Origin and the address, where there is no Host", { origin: "http://10.0.0.7:3000" }],
		["from what is no browser", {}],
	])("%s", (_, headers) => {
		expect(check(headers)).not.toThrow();
	});

	test("from a trusted origin, and from no other", () => {
		const headers = { "sec-fetch-site": "same-site", origin: "https://admin.app.test" };
		expect(check(headers, "POST", ["https://admin.app.test"])).not.toThrow();
		expect(check(headers, "POST", ["https://admin.app.test.evil.test"])).toThrow(refusal);
	});
});

test("reading passes from anywhere, for nobody else can see the answer", () => {
	const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.test" };
	expect(check(headers, "GET")).not.toThrow();
	expect(check(headers, "HEAD")).not.toThrow();
});
