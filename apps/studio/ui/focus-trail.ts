/** A page that is entered by loading it anew, as after signing in, begins at its heading. Of the tab. */
const slot = "focus-heading";

/** To be called before a press of a button loads another page. */
export function beginAtHeading(): void {
	sessionStorage.setItem(slot, "");
}

/**
 * Where the keyboard's focus was, and where it goes when that is removed: a browser would put it on the body, and whoever
 * goes by keyboard would begin again at the top. From a card that is gone it goes to the next one, within a card to the
 * card's link, and otherwise to the page's heading.
 */
export class FocusTrail {
	/** What has or had the focus. */
	#place: Element | null = null;
	/** The card that it was in: a dialog over a card does not leave it. */
	#card: Element | null = null;
	/** The neighbour of a card that was removed. */
	#successor: Element | null = null;

	/** @param place has the focus now. */
	note(place: Element): void {
		this.#place = place;
		if (place.closest("[role=dialog], [role=alertdialog]")) return;
		this.#card = place.closest("li:has(article)");
		this.#successor = null;
	}

	/** Where the focus is taken away on purpose. */
	forget(): void {
		this.#place = null;
	}

	begin(): void {
		if (sessionStorage.getItem(slot) === null) return;
		sessionStorage.removeItem(slot);
		focusOn(heading());
	}

	/** To be told what was removed. */
	follow(records: readonly MutationRecord[]): void {
		for (const { removedNodes, nextSibling, previousSibling } of records) {
			if (this.#card && [...removedNodes].includes(this.#card)) {
				this.#successor = toElement(nextSibling) ?? toElement(previousSibling);
				this.#card = null;
			}
		}
		if (!this.#place || this.#place.isConnected) return;
		if (document.activeElement && document.activeElement !== document.body) return;
		const card = [this.#card, this.#successor].find((candidate) => candidate?.isConnected);
		focusOn(card?.querySelector<HTMLElement>("a[href]:not([tabindex='-1'])") ?? heading());
	}
}

function toElement(node: Node | null): Element | null {
	return node instanceof Element ? node : null;
}

function heading(): HTMLElement | null {
	return document.querySelector("main h1") ?? document.querySelector("main");
}

function focusOn(element: HTMLElement | null): void {
	if (!element) return;
	if (element.tabIndex < 0) element.tabIndex = -1;
	element.focus();
}
