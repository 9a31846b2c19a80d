"use client";

import { type RefObject, useEffect, useRef } from "react";

interface Fields {
	readonly choose: (file: File) => void;
	readonly setNotes: (notes: string) => void;
}

/**
 * Takes over what was chosen and written before the page's code was there, which on a slow line is a while: the fields have
 * it, and told nobody. Returns the ref for the form, whose fields have the ids "photo" and "notes".
 */
export function useEarlyInput(fields: Fields): RefObject<HTMLFormElement | null> {
	const form = useRef<HTMLFormElement>(null);
	const latest = useRef(fields);
	latest.current = fields;

	useEffect(() => {
		const photo = form.current?.elements.namedItem("photo");
		if (photo instanceof HTMLInputElement && photo.files?.[0]) {
			latest.current.choose(photo.files[0]);
			photo.value = "";
		}
		const notes = form.current?.elements.namedItem("notes");
		const isWritten = notes instanceof HTMLTextAreaElement && notes.value !== notes.defaultValue;
		if (isWritten) latest.current.setNotes(notes.value);
	}, []);

	return form;
}
