import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, type ConsoleMessage, expect, type Page } from "@playwright/test";
import { Gate } from "./gate";
import { type Env, type Studio, startStudio } from "./studio";

interface Fixtures {
	/** What keeps the worker's Studio from answering a prompt with `[gate]`, closed at first. */
	readonly gate: Gate;
	/** Errors in the console that a test brings about on purpose. Default: none. */
	readonly expectedErrors: RegExp | null;
}

interface WorkerFixtures {
	/** More environment for the Studio of this worker. */
	readonly studioEnv: Env;
	readonly studio: Studio;
}

/**
 * Playwright's test, with the built Studio running, every test a stranger at an address of its own (so that no rate
 * limit is shared), and a failure for whatever a page logs as an error or throws.
 */
export const test = base.extend<Fixtures, WorkerFixtures>({
	studioEnv: [{}, { option: true, scope: "worker" }],
	studio: [
		async ({ studioEnv }, use) => {
			const dataFolder = mkdtempSync(join(tmpdir(), "studio-e2e-"));
			const studio = await startStudio({ DARKROOM_DATA: dataFolder, ...studioEnv });
			await use(studio);
			await studio.end("SIGTERM");
			rmSync(dataFolder, { recursive: true, force: true });
		},
		{ scope: "worker" },
	],
	gate: [
		async ({ studio }, use) => {
			const gate = new Gate(studio.dataFolder);
			gate.close();
			await use(gate);
			// Whatever still waits makes way for the tests after this.
			gate.open();
		},
		{ auto: true },
	],
	expectedErrors: [null, { option: true }],
	baseURL: async ({ studio }, use) => use(studio.url),
	extraHTTPHeaders: async ({ extraHTTPHeaders }, use, { workerIndex, testId }) => {
		const place = [...testId].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_000, workerIndex + 1);
		await use({ ...extraHTTPHeaders, "x-forwarded-for": `10.0.${place >> 8}.${place & 255}` });
	},
	page: async ({ page, expectedErrors }, use) => {
		const errors: string[] = [];
		page.on("console", (message: ConsoleMessage) => {
			if (message.type() === "error") errors.push(`${page.url()}: ${message.text()} (${message.location().url})`);
		});
		page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`));
		await use(page);
		expect(errors.filter((error) => !expectedErrors?.test(error))).toEqual([]);
	},
});

export { expect, type Page };
