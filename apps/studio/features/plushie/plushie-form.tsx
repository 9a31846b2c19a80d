"use client";

import { isProblemError } from "darkroom/client";
import { useCredits, useSubmit } from "darkroom/react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type SyntheticEvent, useState } from "react";
import { toast } from "sonner";
import { useIsGuest } from "@/features/account/guest";
import { noticeLostSession, signInPath, useSessionLost } from "@/features/account/session-lost";
import { whyTooLittle, whyUnread } from "@/features/credits/balance-words";
import { ShortageNote } from "@/features/credits/shortage-note";
import { Button } from "@/ui/button";
import { cn } from "@/ui/class-names";
import { Notice } from "@/ui/notice";
import { wordsOf } from "@/ui/problem-words";
import { useWhyFull } from "./active-limit";
import { PhotoWell } from "./photo-well";
import { type PlushieDefinition, plushieKind } from "./plushie-job";
import { againPath, type PlushieStart } from "./plushie-start";
import type { PlushieTerms } from "./plushie-terms";
import { useDraft } from "./use-draft";
import { useDroppedPhoto } from "./use-dropped-photo";
import { useEarlyInput } from "./use-early-input";
import { type Photo, usePhoto } from "./use-photo";

const notesLimit = 500;
const atThumb =
	"max-md:sticky max-md:bottom-[calc(3.75rem+env(safe-area-inset-bottom))] max-md:-mx-4 max-md:border-t max-md:border-line max-md:bg-paper max-md:px-4 max-md:py-3";

interface Props {
	readonly terms: PlushieTerms;
	/** Default: an empty form. */
	readonly start?: PlushieStart;
}

/** A photo, some notes, a price, a button; and the reason whenever the button cannot be pressed. */
export function PlushieForm({ terms, start }: Props) {
	const router = useRouter();
	const { photo, choose, clear, tryAgain, restore } = usePhoto(terms.photo, start?.photo ?? null);
	const [notes, setNotes] = useState(start?.notes ?? "");
	useDroppedPhoto(choose);
	const forgetDraft = useDraft({ from: start?.from, notes, photo, setNotes, restorePhoto: restore });
	// After the draft, than which it is newer.
	const form = useEarlyInput({ choose, setNotes });
	const isSignedOut = useSessionLost();
	const { submit, isSubmitting, error } = useSubmit<PlushieDefinition>(plushieKind);
	const credits = useCredits();
	const whyFull = useWhyFull();
	const isGuest = useIsGuest();
	const shortage = whyFull ? undefined : whyTooLittle(credits, { price: terms.price, isGuest });
	const warning = whyFull ?? shortage?.words;
	const unread = warning ? undefined : whyUnread(credits);
	const reason = warning ?? reasonToWait(photo);

	async function send(event: SyntheticEvent) {
		event.preventDefault();
		if (reason || isSubmitting || photo.phase !== "ready") return;
		try {
			const job = await submit({ photo: photo.assetId, ...(notes.trim() ? { notes: notes.trim() } : {}) });
			forgetDraft();
			router.push(`/plushies/${job.id}`);
		} catch (problem) {
			noticeLostSession(problem);
			// What was refused stands below the form; only what is not a refusal needs another voice.
			if (!isProblemError(problem)) toast.error("That did not work. Please try again.");
		}
	}

	return (
		<form
			ref={form}
			method="post"
			onSubmit={send}
			className="grid items-start gap-x-10 gap-y-6 lg:grid-cols-[1.25fr_1fr]"
		>
			<PhotoWell photo={photo} rules={terms.photo} onChoose={choose} onClear={clear} onTryAgain={tryAgain} />
			<div className="space-y-6">
				<div className="space-y-1.5">
					<div className="flex items-baseline justify-between gap-4">
						<label htmlFor="notes" className="font-semibold">
							Notes <span className="font-normal text-faded">(optional)</span>
						</label>
						<span className="edge-text text-faded" aria-hidden>
							{notes.length}/{notesLimit}
						</span>
					</div>
					<textarea
						id="notes"
						value={notes}
						onChange={(event) => setNotes(event.target.value)}
						maxLength={notesLimit}
						rows={4}
						placeholder="One ear folds over. The blue scarf must be on it."
						className="block w-full resize-y rounded-[10px] border border-edge bg-sheet px-3.5 py-3 placeholder:text-faded"
					/>
				</div>
				<Conditions terms={terms} />
				{warning && !isSignedOut ? (
					<Notice tone="warning" id="why-not" isLive>
						{shortage ? <ShortageNote shortage={shortage} /> : warning}
					</Notice>
				) : null}
				{unread && !isSignedOut ? (
					<Notice tone="info" isLive>
						{unread}
					</Notice>
				) : null}
				{isSignedOut ? (
					<Notice tone="error" title="You are signed out" isLive>
						What you wrote stays here.{" "}
						<Link
							href={signInPath(start ? againPath(start.from) : "/plushies")}
							className="font-semibold underline underline-offset-3"
						>
							Sign in to go on
						</Link>
					</Notice>
				) : error && !warning ? (
					<Notice tone="error" title={wordsOf(error).title} isLive>
						{wordsOf(error).detail}
					</Notice>
				) : null}
				{/* On a phone at the thumb, above the navigation, as soon as it can be pressed. */}
				<div className={cn("space-y-2.5", !reason && atThumb)}>
					<Button
						type="submit"
						variant="primary"
						size="large"
						className="w-full"
						disabled={reason !== undefined || isSubmitting}
						aria-describedby="why-not"
					>
						{isSubmitting ? "Handing it over…" : "Make a plushie"}
					</Button>
					{warning ? null : (
						<p id="why-not" className="text-center text-sm text-faded">
							{reason ?? "Takes a moment. You need not wait here."}
						</p>
					)}
				</div>
			</div>
		</form>
	);
}

function Conditions({ terms }: Pick<Props, "terms">) {
	return (
		<dl className="divide-y divide-line border-y border-line text-[0.9375rem]">
			<Term
				name="Price"
				value={terms.price === 1 ? "1 credit" : `${terms.price} credits`}
				note="Taken only when your plushie is finished."
			/>
			<Term name="Made by" value={terms.modelName} note={terms.modelNote} />
		</dl>
	);
}

function Term({ name, value, note }: { readonly name: string; readonly value: string; readonly note: string }) {
	return (
		<div className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-4 py-3">
			<dt className="text-faded">{name}</dt>
			<dd className="wrap-anywhere">
				<span className="font-semibold">{value}</span>
				<span className="block text-sm text-faded">{note}</span>
			</dd>
		</div>
	);
}

function reasonToWait(photo: Photo): string | undefined {
	if (photo.phase === "none") return "Choose a photo first.";
	if (photo.phase === "uploading") return "The photo is being uploaded.";
	if (photo.phase === "failed") {
		return photo.canTryAgain ? "The photo has not been uploaded." : "Choose another file first.";
	}
	return undefined;
}
