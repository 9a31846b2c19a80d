/** What the client needs to know of the page it lives in; another one can be given where there is no document. */
export interface Page {
	isHidden(): boolean;
	/** Calls `listener` when the page is hidden or shown, and when the network is back. The result ends it. */
	subscribe(listener: () => void): () => void;
}

/** The browser's own page; outside of a browser one that is always visible. */
export const browserPage: Page = {
	isHidden: () => typeof document !== "undefined" && document.hidden,
	subscribe(listener) {
		if (typeof document === "undefined") return () => {};
		document.addEventListener("visibilitychange", listener);
		window.addEventListener("online", listener);
		return () => {
			document.removeEventListener("visibilitychange", listener);
			window.removeEventListener("online", listener);
		};
	},
};
