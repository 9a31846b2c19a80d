/** What was pressed before the page's code had come. */
interface EarlyPress {
	button: HTMLButtonElement | null;
	/** The button, dimmed: it has been heard. An attribute of it would be React's. */
	sign: Animation | null;
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
	const press: EarlyPress = { button: null, sign: null, stop: () => gone.abort() };
	window.earlyPress = press;
	const options = { capture: true, signal: gone.signal };
	document.addEventListener(
		"click",
		({ target }) => {
			const button = target instanceof Element ? target.closest("button") : null;
			if (!button || button === press.button) return;
			press.sign?.cancel();
			press.sign = button.animate({ opacity: 0.55 }, { duration: 150, fill: "forwards" });
			press.button = button;
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
	const { button, sign } = window.earlyPress ?? {};
	delete window.earlyPress;
	sign?.cancel();
	if (button?.isConnected) button.click();
}
