"use client";

import { type DarkroomClient, isProblemError } from "darkroom/client";
import { useDarkroomClient } from "darkroom/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { noticeLostSession } from "@/features/account/session-lost";
import { wordsOf } from "@/ui/problem-words";
import { type PhotoRules, whyTooSmall, whyUnusable } from "./check-photo";

/** A chosen photo, from the moment it is chosen: it is uploaded at once, while the notes are being written. */
export type Photo =
	| { readonly phase: "none"; readonly fault?: string }
	| { readonly phase: "uploading"; readonly preview: string; readonly name: string; readonly percent: number }
	| { readonly phase: "ready"; readonly preview: string; readonly name: string; readonly assetId: string }
	| {
			readonly phase: "failed";
			readonly preview: string;
			readonly name: string;
			readonly fault: string;
			/** False where the server has refused these very bytes: sent again, they are refused again. */
			readonly canTryAgain: boolean;
	  };

/** Refusals of the file itself, whoever sends it and when. */
const fileFaults = ["unsupported_image", "unreadable_image", "too_large"] as const;

const none: Photo = { phase: "none" };
/** Wide enough for the tray on any screen. */
export const previewWidth = 1_280;

function ready(assetId: string, name: string, client: DarkroomClient): Photo {
	const preview = client.assetUrl(assetId, { width: previewWidth });
	return { phase: "ready", preview, name, assetId };
}

/** What its pixels tell against a photo; nothing where the browser cannot show it, as HEIC: the server can say more. */
function whyUnfit(preview: string, rules: PhotoRules): Promise<string | undefined> {
	return new Promise((resolve) => {
		const image = new Image();
		image.onload = () => resolve(whyTooSmall({ width: image.naturalWidth, height: image.naturalHeight }, rules));
		image.onerror = () => resolve(undefined);
		image.src = preview;
	});
}

/** @param uploaded an asset to begin with: a photo that was uploaded before, as if it had just been chosen; null for none. */
export function usePhoto(rules: PhotoRules, uploaded: string | null) {
	const client = useDarkroomClient();
	const [photo, setPhoto] = useState<Photo>(() =>
		uploaded === null ? none : ready(uploaded, "the photo from before", client),
	);
	/** The upload that counts: choosing another photo aborts the one before. */
	const current = useRef<{ readonly file: File; readonly preview: string; readonly abort: AbortController } | null>(
		null,
	);

	const drop = useCallback(() => {
		current.current?.abort.abort();
		if (current.current) URL.revokeObjectURL(current.current.preview);
		current.current = null;
	}, []);
	useEffect(() => drop, [drop]);

	const upload = useCallback(
		async (file: File) => {
			const preview = URL.createObjectURL(file);
			const abort = new AbortController();
			const mine = { file, preview, abort };
			current.current = mine;
			const shown = { preview, name: file.name };
			setPhoto({ phase: "uploading", ...shown, percent: 0 });
			const fault = await whyUnfit(preview, rules);
			if (current.current !== mine) return;
			if (fault) {
				drop();
				return setPhoto({ phase: "none", fault });
			}
			try {
				const asset = await client.upload(file, {
					signal: abort.signal,
					onProgress: (share) => {
						if (current.current === mine) setPhoto({ phase: "uploading", ...shown, percent: Math.round(share * 100) });
					},
				});
				if (current.current === mine) setPhoto({ phase: "ready", ...shown, assetId: asset.id });
			} catch (error) {
				noticeLostSession(error);
				if (current.current !== mine) return;
				setPhoto({
					phase: "failed",
					...shown,
					fault: isProblemError(error) ? wordsOf(error).detail : "The upload did not work.",
					canTryAgain: !fileFaults.some((code) => isProblemError(error, code)),
				});
			}
		},
		[client, drop, rules],
	);

	const choose = useCallback(
		(file: File) => {
			drop();
			const fault = whyUnusable(file, rules);
			if (fault) return setPhoto({ phase: "none", fault });
			void upload(file);
		},
		[drop, rules, upload],
	);

	const clear = useCallback(() => {
		drop();
		setPhoto(none);
	}, [drop]);

	const tryAgain = useCallback(() => {
		const file = current.current?.file;
		drop();
		if (file) void upload(file);
	}, [drop, upload]);

	/** A photo that was uploaded before; one that has been chosen meanwhile stays. */
	const restore = useCallback(
		({ assetId, name }: { readonly assetId: string; readonly name: string }) => {
			if (current.current === null) setPhoto(ready(assetId, name, client));
		},
		[client],
	);

	return { photo, choose, clear, tryAgain, restore };
}
