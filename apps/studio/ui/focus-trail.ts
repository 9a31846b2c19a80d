/** A page that is entered by loading it anew, as after signing in, begins at its heading. Of the tab. */
const slot = "focus-heading";

/** To be called before a press of a button loads another page. Whether it was one of the keyboard's is told to that page. */
export function beginAtHeading(): void {
	sessionStorage.setItem(slot, isShown(document.activeElement) ? "shown" : "calm");
}

/**
 * Where the keyboard's focus was, and where it goes when that is removed: a browser would put it on the body, and whoever
 * goes by keyboard would begin again at the top. From a card that is gone it goes to the next one, within a card to the
 * card's link, and otherwise to the page's heading.
 */
export class FocusTrail {
	/** What has or had the focus. */
	#place: Element | null = null;
	/** Whether it was to be seen there, as it is for whoever goes by keyboard. */
	#wasShown = true;
	/** The card that it was in: a dialog over a card does not leave it. */
	#card: Element | null = null;
	/** The neighbour of a card that was removed. */
	#successor: Element | null = null;

	/** @param place has the focus now. */
	note(place: Element): void {
		this.#place = place;
		this.#wasShown = isShown(place);
		if (place.closest("[role=dialog], [role=alertdialog]")) return;
		this.#card = place.closest("li:has(article)");
		this.#successor = null;
	}

	/** Where the focus is taken away on purpose. */
	forget(): void {
		this.#place = null;
	}

	begin(): void {
		const how = sessionStorage.getItem(slot);
		if (how === null) return;
		sessionStorage.removeItem(slot);
		focusOn(heading(), how === "shown");
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
		focusOn(linkOf(card) ?? heading(), this.#wasShown);
	}
}

/** Where the focus goes within a card. */
export function linkOf(card: Element | null | undefined): HTMLElement | null {
	return card?.querySelector<HTMLElement>("a[href]:not([tabindex='-1'])") ?? null;
}

function toElement(node: Node | null): Element | null {
	return node instanceof Element ? node : null;
}

function heading(): HTMLElement | null {
	return document.querySelector("main h1") ?? document.querySelector("main");
}

function isShown(element: Element | null): boolean {
	return element?.matches(":focus-visible") ?? false;
}

/**
 * A browser shows the focus that a script sets on a page where nothing was pressed yet, as if it were a keyboard's. After a
 * pointer it stays unseen until a key is pressed, which is when somebody needs to know where it is.
 */
function focusOn(element: HTMLElement | null, isToBeShown: boolean): void {
	if (!element) return;
	if (element.tabIndex < 0) element.tabIndex = -1;
	if (!isToBeShown) calm(element);
	element.focus();
}

function calm(element: HTMLElement): void {
	element.dataset.focus = "calm";
	const gone = new AbortController();
	const end = () => {
		delete element.dataset.focus;
		gone.abort();
	};
	element.addEventListener("blur", end, { signal: gone.signal });
	document.addEventListener("keydown", end, { signal: gone.signal });
}
