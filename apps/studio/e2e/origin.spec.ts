import { expect, test } from "./test";

const policy = "cross-origin-opener-policy";

test("the opener policy is sent where browsers heed it: over https, and on the machine itself", async ({ request }) => {
	expect((await request.get("/")).headers()).toMatchObject({ [policy]: "same-origin", "x-frame-options": "DENY" });
	const of = async (headers: Record<string, string>) => (await request.get("/", { headers })).headers()[policy];
	expect(await of({ host: "127.0.0.1:3000" })).toBe("same-origin");
	expect(await of({ host: "[::1]:3000" })).toBe("same-origin");
	expect(await of({ host: "studio.example", "x-forwarded-proto": "https" })).toBe("same-origin");
	expect(await of({ host: "studio.example" })).toBeUndefined();
	expect(await of({ host: "localhost.example" })).toBeUndefined();
});

test("by plain http from another machine no page logs an error", async ({ page, baseURL }) => {
	const { port } = new URL(baseURL as string);
	await page.goto(`http://studio.lan:${port}/`);
	await expect(page.getByRole("button", { name: "Start as a guest" })).toBeVisible();
});
