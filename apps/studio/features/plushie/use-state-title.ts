"use client";

import { useEffect } from "react";
import { type PlushieJobSnapshot, statusWords } from "./plushie-job";

/** Lets a tab in the background tell how far it is: `Developing 40 % · Darkroom`. */
export function useStateTitle({ status, progress }: Pick<PlushieJobSnapshot, "status" | "progress">): void {
	const state =
		status === "running"
			? `${statusWords.running} ${progress} %`
			: status === "completed"
				? "Ready"
				: statusWords[status];
	useEffect(() => {
		document.title = `${state} · Darkroom`;
	}, [state]);
}
