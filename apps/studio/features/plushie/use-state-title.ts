"use client";

import { useLayoutEffect } from "react";
import { type PlushieJobSnapshot, statusWords } from "./plushie-job";

/** Lets a tab in the background tell how far it is: `Developing 40 % · Darkroom`. */
export function useStateTitle({ status, progress }: Pick<PlushieJobSnapshot, "status" | "progress">): void {
	const state =
		status === "running"
			? `${statusWords.running} ${progress} %`
			: status === "completed"
				? "Ready"
				: statusWords[status];
	// In the commit's own turn, so that the page that comes next has its title to itself.
	useLayoutEffect(() => {
		const title = `${state} · Darkroom`;
		const write = () => {
			if (document.title !== title) document.title = title;
		};
		write();
		// Next streams the page's own title, which may come after the page.
		const observer = new MutationObserver(write);
		observer.observe(document.head, { childList: true, subtree: true, characterData: true });
		return () => observer.disconnect();
	}, [state]);
}
