import { afterEach, beforeEach, expect, test } from "vitest";
import { isActive } from "../core/status.ts";
import { formWith, openTestServer, readEvents, type TestServer, testPhoto } from "./http.testsuite.ts";
import type { JobAnswer, JobSnapshot, JobsAnswer, UploadAnswer } from "./protocol.ts";
import { routeTable } from "./route-table.ts";

/**
 * Ada's things do not exist for Bob, on any route. Each route of the table has its case here: one that is added
 * without a case fails the first test.
 */
let server: TestServer;
let active: JobSnapshot;
let failed: JobSnapshot;
let photo: string;

beforeEach(async () => {
	server = await openTestServer();
	await server.darkroom.grantCredits({ owner: "ada", amount: 5, key: "starter" });
	await server.submit("ada", "wait", { pages: 3 });
	active = await server.submit("ada", "illustrate", { story: "42" });
	failed = await server.finish("ada", (await server.submit("ada", "refuse", {})).id);
	photo = (await upload("ada")).asset.id;
});

afterEach(() => server.close());

async function upload(viewer: string): Promise<UploadAnswer> {
	const response = await server.call(viewer, "POST", "/uploads", { body: formWith(await testPhoto()) });
	return (await response.json()) as UploadAnswer;
}

/** The answer about Ada's is, to the letter, the answer about what never was. */
async function expectNothing(ask: (id: string) => Promise<Response>, id: string): Promise<void> {
	const never = "0".repeat(22);
	const [hers, nowhere] = [await ask(id), await ask(never)];
	expect(hers.status).toBe(404);
	expect(nowhere.status).toBe(404);
	expect((await hers.text()).replaceAll(id, never)).toBe(await nowhere.text());
	expect(Object.fromEntries(hers.headers)).toEqual(Object.fromEntries(nowhere.headers));
}

const cases: Record<string, () => Promise<void>> = {
	"POST /jobs/clear": async () => {
		const clear = (subject: string) => server.call("bob", "POST", "/jobs/clear", { body: { subject } });
		await expectNothing(clear, active.subject ?? "");
	},
	"POST /jobs/:kind": async () => {
		const develop = (id: string) => server.call("bob", "POST", "/jobs/develop", { body: { input: { photo: id } } });
		await expectNothing(develop, photo);
		const same = await server.call("bob", "POST", "/jobs/illustrate", { body: { input: { story: "42" } } });
		expect(same.status).toBe(202);
		expect(((await same.json()) as JobAnswer).job.id).not.toBe(active.id);
	},
	"GET /jobs": async () => {
		for (const query of ["", `?subject=${active.subject}`, "?status=failed", `?cursor=${failed.id}`]) {
			const response = await server.call("bob", "GET", `/jobs${query}`);
			expect((await response.json()) as JobsAnswer).toEqual({ jobs: [], nextCursor: null });
		}
	},
	"GET /jobs/:id": async () => {
		for (const headers of [{}, { "if-none-match": "*" }, { "if-none-match": `W/"${active.version}"` }]) {
			await expectNothing((id) => server.call("bob", "GET", `/jobs/${id}`, { headers }), active.id);
		}
	},
	"DELETE /jobs/:id": async () => {
		await expectNothing((id) => server.call("bob", "DELETE", `/jobs/${id}`), active.id);
	},
	"POST /jobs/:id/retry": async () => {
		await expectNothing((id) => server.call("bob", "POST", `/jobs/${id}/retry`), failed.id);
	},
	"GET /events": async () => {
		for (const path of ["/events", "/events?cursor=0"]) {
			const events = readEvents(await server.call("bob", "GET", path));
			await events.until(({ event }) => event === "ready");
			await server.call("ada", "DELETE", `/jobs/${active.id}`);
			const own = await server.submit("bob", "echo", { text: path });
			const seen = await events.until(({ job }) => job?.status === "completed");
			expect(new Set(seen.flatMap(({ job }) => (job ? [job.id] : [])))).toEqual(new Set([own.id]));
			await events.cancel();
		}
	},
	"POST /uploads": async () => {
		expect((await upload("bob")).asset.id).not.toBe(photo);
	},
	"GET /assets/:id": async () => {
		for (const query of ["", "?w=64", "?download"]) {
			for (const headers of [{}, { range: "bytes=0-9" }, { "if-none-match": "*" }, { "if-none-match": `"${photo}"` }]) {
				for (const method of ["GET", "HEAD"]) {
					await expectNothing((id) => server.call("bob", method, `/assets/${id}${query}`, { headers }), photo);
				}
			}
		}
	},
	"GET /credits": async () => {
		expect(await (await server.call("bob", "GET", "/credits")).json()).toEqual({ posted: 0, held: 0, available: 0 });
	},
};

const viewerRoutes = routeTable.filter((route) => route.access === "viewer");

test("every route that a viewer can call has a case", () => {
	expect(Object.keys(cases)).toEqual(
		expect.arrayContaining(viewerRoutes.map(({ method, path }) => `${method} ${path}`)),
	);
});

test.each(Object.keys(cases))("%s shows and changes nothing of another viewer's", async (name) => {
	const before = await adasThings(name);
	await cases[name]?.();
	expect(await adasThings(name)).toEqual(before);
});

/** What Ada sees of hers, but for what the case itself does in her name. */
async function adasThings(name: string): Promise<unknown> {
	if (name === "GET /events") return undefined;
	const { jobs } = (await (await server.call("ada", "GET", "/jobs")).json()) as JobsAnswer;
	const credits = await (await server.call("ada", "GET", "/credits")).json();
	const asset = await server.call("ada", "HEAD", `/assets/${photo}`);
	const shown = jobs.map(({ id, status, price }) => ({ id, price, status: isActive(status) ? "active" : status }));
	return { jobs: shown, credits, asset: asset.status };
}
