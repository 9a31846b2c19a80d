"use client";

import { useEffect, useRef } from "react";

/**
 * A picture that is dropped beside the well, or pasted, is chosen as one dropped into it. The browser would leave the
 * page for a dropped file.
 */
export function useDroppedPhoto(choose: (file: File) => void): void {
	const latest = useRef(choose);
	latest.current = choose;

	useEffect(() => {
		function allow(event: DragEvent) {
			if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
		}
		function drop(event: DragEvent) {
			// The well has taken it already.
			if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
			event.preventDefault();
			take(event.dataTransfer);
		}
		function paste({ clipboardData }: ClipboardEvent) {
			// Text that is copied with a picture of it, as a spreadsheet does, is meant as text.
			if (clipboardData && !clipboardData.types.includes("text/plain")) take(clipboardData);
		}
		function take({ files }: DataTransfer) {
			const file = files[0];
			if (file) latest.current(file);
		}
		window.addEventListener("dragover", allow);
		window.addEventListener("drop", drop);
		window.addEventListener("paste", paste);
		return () => {
			window.removeEventListener("dragover", allow);
			window.removeEventListener("drop", drop);
			window.removeEventListener("paste", paste);
		};
	}, []);
}
