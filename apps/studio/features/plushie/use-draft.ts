"use client";

import { useDarkroomClient } from "darkroom/react";
import { useEffect, useRef, useState } from "react";
import { type Draft, forgetDraft, keepDraft, readDraft } from "./draft";
import { type Photo, previewWidth } from "./use-photo";

interface Form {
	/** The job that the form was opened from. */
	readonly from: string | undefined;
	readonly notes: string;
	readonly photo: Photo;
	readonly setNotes: (notes: string) => void;
	readonly restorePhoto: (photo: NonNullable<Draft["photo"]>) => void;
}

/**
 * Fills a form in with what was left in it in this tab, and keeps what is written into it. A photo that cannot be had
 * any more, because somebody else has signed in, is left out. Returns what to call when the form was sent.
 */
export function useDraft({ from, notes, photo, setNotes, restorePhoto }: Form): () => void {
	const client = useDarkroomClient();
	const [isRestored, setRestored] = useState(false);
	const isSent = useRef(false);
	const restore = useRef({ setNotes, restorePhoto });
	restore.current = { setNotes, restorePhoto };

	useEffect(() => {
		let isGone = false;
		const draft = readDraft(sessionStorage, from);
		if (draft) restore.current.setNotes(draft.notes);
		if (!draft?.photo) {
			setRestored(true);
			return;
		}
		const kept = draft.photo;
		const image = new Image();
		const finish = (isThere: boolean) => {
			if (isGone) return;
			if (isThere) restore.current.restorePhoto(kept);
			setRestored(true);
		};
		image.onload = () => finish(true);
		image.onerror = () => finish(false);
		image.src = client.assetUrl(kept.assetId, { width: previewWidth });
		return () => {
			isGone = true;
		};
	}, [client, from]);

	useEffect(() => {
		if (!isRestored || isSent.current) return;
		const uploaded = photo.phase === "ready" ? { assetId: photo.assetId, name: photo.name } : null;
		keepDraft(sessionStorage, from, { notes, photo: uploaded });
	}, [isRestored, from, notes, photo]);

	return () => {
		isSent.current = true;
		forgetDraft(sessionStorage, from);
	};
}
