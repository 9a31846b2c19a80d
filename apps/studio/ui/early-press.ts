/** What was pressed before the page's code had come. */
interface EarlyPress {
	button: HTMLButtonElement | null;
	/** From here on React hears of it. */
	stop(): void;
}

declare global {
	interface Window {
		earlyPress?: EarlyPress;
	}
}

/**
 * Runs in the page before all else, as text, and so names nothing from outside. On a slow line a button is there seconds before
 * its code is: what is pressed is noted, and a form is not sent by the browser, which knows no better than to load the page anew.
 */
function holdPresses(): void {
	const gone = new AbortController();
	const press: EarlyPress = { button: null, stop: () => gone.abort() };
	window.earlyPress = press;
	const options = { capture: true, signal: gone.signal };
	document.addEventListener(
		"click",
		({ target }) => {
			if (target instanceof Element) press.button = target.closest("button") ?? press.button;
		},
		options,
	);
	document.addEventListener("submit", (event) => event.preventDefault(), options);
}

/** Its text, for a script element in the page. */
export const holdPressesText = `(${holdPresses.toString()})()`;

/** To be called when React is about to listen. */
export function stopHolding(): void {
	window.earlyPress?.stop();
}

/** Presses once more what was pressed last, now that it does something. */
export function pressAgain(): void {
	const button = window.earlyPress?.button;
	delete window.earlyPress;
	if (button?.isConnected) button.click();
}
