import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestServer, type TestServer } from "./http.testsuite.ts";
import { toNextHandlers } from "./next.ts";

let server: TestServer;

beforeEach(async () => {
	server = await openTestServer();
});

afterEach(() => server.close());

const options = { viewer: () => "ada" };
const request = (method: string, path: string) => new Request(`http://app.test/api${path}`, { method });

test("each method that a route has is exported and reaches it", async () => {
	const handlers = toNextHandlers(server.darkroom, options);
	expect((await handlers.GET(request("GET", "/credits"))).status).toBe(200);
	expect((await handlers.HEAD(request("HEAD", "/credits"))).status).toBe(200);
	expect((await handlers.POST(request("POST", "/jobs/unknown/retry"))).status).toBe(404);
	expect((await handlers.DELETE(request("DELETE", "/jobs/unknown"))).status).toBe(404);
});

test("a function is asked on the first request and not before, and what it makes is used until it makes another", async () => {
	const other = await openTestServer();
	try {
		await other.darkroom.grantCredits({ owner: "ada", amount: 7, key: "starter" });
		let current = server.darkroom;
		let calls = 0;
		const { GET } = toNextHandlers(async () => {
			calls++;
			return current;
		}, options);
		expect(calls).toBe(0);
		expect(await (await GET(request("GET", "/credits"))).json()).toMatchObject({ posted: 0 });
		current = other.darkroom;
		expect(await (await GET(request("GET", "/credits"))).json()).toMatchObject({ posted: 7 });
	} finally {
		await other.close();
	}
});

test("a start that fails is 503 without its reason, and the next request tries again", async () => {
	let isBroken = true;
	const { GET } = toNextHandlers(() => {
		if (isBroken) throw new Error("DATABASE_URL postgres://app:secret@db cannot be reached");
		return server.darkroom;
	}, options);
	const refused = await GET(request("GET", "/credits"));
	expect(refused.status).toBe(503);
	expect(refused.headers.get("retry-after")).not.toBeNull();
	expect(await refused.text()).not.toContain("secret");
	isBroken = false;
	expect((await GET(request("GET", "/credits"))).status).toBe(200);
});
