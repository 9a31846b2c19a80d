import { JSDOM } from "jsdom";
import { afterEach, describe, expect, it, vi } from "vitest";
import { browserPage } from "./page.ts";

afterEach(() => {
	vi.unstubAllGlobals();
});

describe("the browser's page", () => {
	it("tells when it is hidden or shown and when the network is back, until it is left", () => {
		const { window } = new JSDOM();
		vi.stubGlobal("window", window);
		vi.stubGlobal("document", window.document);
		const seen: boolean[] = [];
		const leave = browserPage.subscribe(() => seen.push(browserPage.isHidden()));
		for (const hidden of [true, false]) {
			Object.defineProperty(window.document, "hidden", { value: hidden, configurable: true });
			window.document.dispatchEvent(new window.Event("visibilitychange"));
		}
		window.dispatchEvent(new window.Event("online"));
		leave();
		window.dispatchEvent(new window.Event("online"));
		expect(seen).toEqual([true, false, false]);
	});

	it("is always visible where there is no document", () => {
		browserPage.subscribe(() => {})();
		expect(browserPage.isHidden()).toBe(false);
	});
});
