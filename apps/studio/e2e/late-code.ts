import type { Page } from "@playwright/test";

/** From now on holds back the code of the pages that are loaded, as a slow line does, until what it resolves with is called. */
export async function holdCode(page: Page): Promise<() => void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	await page.route("**/_next/static/**/*.js", async (route) => {
		await promise;
		await route.continue();
	});
	return resolve;
}
