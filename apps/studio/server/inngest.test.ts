import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDarkroom, type Darkroom } from "darkroom";
import { inngest } from "darkroom/inngest";
import { sqlite } from "darkroom/sqlite";
import { createTestDarkroom } from "darkroom/testing";
import { NextRequest } from "next/server";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generatePlushie } from "../jobs/generate-plushie.ts";
import { makeInngestClient, makeInngestRoute } from "./inngest.ts";
import type { InngestConfig } from "./inngest-config.ts";

const signingKey = "0123456789abcdef";
const production: InngestConfig = {
	isDev: false,
	baseUrl: "http://127.0.0.1:9",
	eventKey: "event-key",
	signingKey: `signkey-prod-${signingKey}`,
	allowsUnsignedSync: false,
};
const dev: InngestConfig = { ...production, isDev: true, eventKey: null, signingKey: null };
const logger = pino({ level: "silent" });
const address = "https://studio.test/api/inngest";

let folder: string;
let darkroom: Darkroom;

async function answerers(config: InngestConfig) {
	darkroom = createDarkroom({
		jobs: [generatePlushie],
		store: sqlite(join(folder, "darkroom.db")),
		engine: inngest({ client: await makeInngestClient(config, logger) }),
	});
	return makeInngestRoute(darkroom, config);
}

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "darkroom-studio-inngest-"));
});

afterEach(async () => {
	await darkroom.stop();
	await rm(folder, { recursive: true });
});

type Method = "GET" | "POST" | "PUT";

async function statusOf(config: InngestConfig, method: Method, query: string, signature?: string): Promise<number> {
	const route = await answerers(config);
	const request = new NextRequest(`${address}${query}`, {
		method,
		...(method === "GET" ? {} : { body: "{}" }),
		headers: signature === undefined ? {} : { "x-inngest-signature": signature },
	});
	return (await route[method](request, undefined)).status;
}

/** As Inngest signs a body. */
function sign(body: string, key: string, at = Date.now()): string {
	const second = String(Math.round(at / 1_000));
	return `t=${second}&s=${createHmac("sha256", key).update(body).update(second).digest("hex")}`;
}

const call = "?fnId=darkroom-studio-generate-plushie&stepId=step";

describe("outside dev mode", () => {
	it.each([
		["GET", ""],
		["PUT", ""],
		["POST", call],
		["POST", "?probe=trust"],
	] as const)("%s %s without a signature is answered with 401", async (method, query) => {
		expect(await statusOf(production, method, query)).toBe(401);
	});

	it.each([
		["by another key", sign("{}", "fedcba9876543210")],
		["of another body", sign('{"a":1}', signingKey)],
		["of ten minutes ago", sign("{}", signingKey, Date.now() - 10 * 60_000)],
	])("a signature %s is none", async (_, signature) => {
		expect(await statusOf(production, "POST", "?probe=trust", signature)).toBe(401);
	});

	it("a call that Inngest has signed is answered", async () => {
		expect(await statusOf(production, "POST", "?probe=trust", sign("{}", signingKey))).toBe(200);
	});

	it("a sync that nobody signed goes through where that was asked for, and then asks Inngest, which is away here", async () => {
		expect(await statusOf({ ...production, allowsUnsignedSync: true }, "PUT", "")).toBe(500);
	});
});

it("in dev mode nobody signs", async () => {
	expect(await statusOf(dev, "GET", "")).toBe(200);
	expect(await statusOf(dev, "POST", "?probe=trust")).toBe(200);
});

it("a Darkroom on the embedded engine has nothing to serve", async () => {
	const test = await createTestDarkroom({ jobs: [] });
	darkroom = test.darkroom;
	await expect(makeInngestRoute(darkroom, dev)).rejects.toMatchObject({ code: "misconfigured" });
	await test.close();
});
