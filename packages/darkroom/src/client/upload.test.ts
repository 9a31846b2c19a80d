import { JSDOM } from "jsdom";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { testPhoto } from "../http/http.testsuite.ts";
import { createClient } from "./client.ts";
import { type Served, serve } from "./served.testsuite.ts";

let served: Served;
let dom: JSDOM;

/** A browser's page on the server's own site, whose session is its cookie. */
beforeEach(async () => {
	served = await serve();
	dom = new JSDOM("", { url: served.baseUrl });
	dom.window.document.cookie = "viewer=ada";
	const { XMLHttpRequest, FormData, Blob } = dom.window;
	for (const [name, value] of Object.entries({ XMLHttpRequest, FormData, Blob })) vi.stubGlobal(name, value);
});

afterEach(async () => {
	vi.unstubAllGlobals();
	await served.close();
	dom.window.close();
});

const photo = async () => new dom.window.Blob([await (await testPhoto()).arrayBuffer()], { type: "image/jpeg" });

describe("an upload in a browser that tells its progress", () => {
	it("becomes an asset; the shares grow to 1", async () => {
		const shares: number[] = [];
		const client = createClient({ baseUrl: served.baseUrl });
		const asset = await client.upload(await photo(), { onProgress: (share) => shares.push(share) });
		expect(asset).toMatchObject({ contentType: "image/jpeg", width: 800 });
		expect(shares).toEqual(shares.toSorted((a, b) => a - b));
		expect(shares.at(-1)).toBe(1);
	});

	it("is refused in the server's words", async () => {
		const client = createClient({ baseUrl: served.baseUrl });
		const upload = client.upload(new dom.window.Blob(["hello"]), { onProgress: () => {} });
		await expect(upload).rejects.toMatchObject({ name: "ProblemError", code: "unsupported_image", status: 415 });
	});

	it("is offline when the line is cut", async () => {
		served.server.isDown = true;
		const client = createClient({ baseUrl: served.baseUrl });
		// jsdom reports what is cut to its console as well.
		dom.virtualConsole.removeAllListeners("jsdomError");
		const upload = client.upload(await photo(), { onProgress: () => {} });
		await expect(upload).rejects.toMatchObject({ code: "offline" });
	});

	it("stops with the reason of whoever aborts it", async () => {
		const abort = new AbortController();
		const reason = new Error("changed my mind");
		const client = createClient({ baseUrl: served.baseUrl });
		const upload = client.upload(await photo(), { onProgress: () => {}, signal: abort.signal });
		abort.abort(reason);
		await expect(upload).rejects.toBe(reason);
		await expect(client.upload(await photo(), { onProgress: () => {}, signal: abort.signal })).rejects.toBe(reason);
	});
});
