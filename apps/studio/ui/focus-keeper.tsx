"use client";

import { useEffect } from "react";
import { FocusTrail } from "./focus-trail";

/** Keeps the keyboard's place on every page when what had the focus goes away. Once, in the layout. */
export function FocusKeeper() {
	useEffect(() => {
		const trail = new FocusTrail();
		const observer = new MutationObserver((records) => trail.follow(records));
		const note = ({ target }: Event) => trail.note(target as Element);
		const forget = () => trail.forget();
		document.addEventListener("focusin", note);
		// A click on nothing takes the focus away on purpose.
		document.addEventListener("pointerdown", forget);
		// Somebody may have gone somewhere before the page's code had come.
		if (document.activeElement && document.activeElement !== document.body) trail.note(document.activeElement);
		observer.observe(document.body, { childList: true, subtree: true });
		trail.begin();
		return () => {
			observer.disconnect();
			document.removeEventListener("focusin", note);
			document.removeEventListener("pointerdown", forget);
		};
	}, []);
	return null;
}
