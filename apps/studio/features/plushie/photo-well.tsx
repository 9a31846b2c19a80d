"use client";

import { ImagePlus, RotateCcw, X } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { useSessionLost } from "@/features/account/session-lost";
import { Button } from "@/ui/button";
import { buttonStyle } from "@/ui/button-style";
import { cn } from "@/ui/class-names";
import { Notice } from "@/ui/notice";
import { acceptOf, canReadHeic, formatWords, heicAdvice, megabytes, type PhotoRules } from "./check-photo";
import type { Photo } from "./use-photo";

interface Props {
	readonly photo: Photo;
	readonly rules: PhotoRules;
	readonly onChoose: (file: File) => void;
	readonly onClear: () => void;
	readonly onTryAgain: () => void;
}

/** The tray that a photo is dropped into, or chosen for, by pointer or by keyboard. */
export function PhotoWell({ photo, rules, onChoose, onClear, onTryAgain }: Props) {
	const input = useRef<HTMLInputElement>(null);
	const [isOver, setOver] = useState(false);
	// Then the form says what to do, and no file is at fault.
	const isSignedOut = useSessionLost();

	function drop(event: DragEvent) {
		event.preventDefault();
		setOver(false);
		const file = event.dataTransfer.files[0];
		if (file) onChoose(file);
	}

	return (
		<div className="space-y-3">
			<section
				aria-label="Photo"
				data-lit={isOver}
				onDragOver={(event) => {
					event.preventDefault();
					setOver(true);
				}}
				onDragLeave={() => setOver(false)}
				onDrop={drop}
				className="tray darkroom relative text-ink has-[input:focus-visible]:outline-[2.5px] has-[input:focus-visible]:outline-offset-3 has-[input:focus-visible]:outline-safelight"
			>
				<input
					ref={input}
					id="photo"
					type="file"
					accept={acceptOf(rules.types)}
					className="sr-only"
					aria-label="Choose a photo"
					aria-describedby="photo-hint"
					onChange={(event) => {
						const file = event.target.files?.[0];
						if (file) onChoose(file);
						// The same file can be chosen again after it was removed.
						event.target.value = "";
					}}
				/>
				{photo.phase === "none" ? (
					<EmptyWell rules={rules} isOver={isOver} />
				) : (
					<div className="flex min-h-72 flex-col items-center justify-center gap-4 p-5 sm:p-8 lg:aspect-[5/4]">
						<div className="print relative">
							<Preview key={photo.preview} photo={photo} />
							{photo.phase === "uploading" ? <UploadBar percent={photo.percent} /> : null}
						</div>
						<div className="flex gap-1">
							<label htmlFor="photo" className={buttonStyle({ variant: "quiet", size: "small" })}>
								Change
							</label>
							<Button
								variant="quiet"
								size="small"
								aria-label="Remove the photo"
								onClick={() => {
									onClear();
									input.current?.focus();
								}}
							>
								<X aria-hidden className="size-4" />
								Remove
							</Button>
						</div>
						<span id="photo-hint" className="sr-only">
							{photo.phase === "ready" ? "Uploaded." : null}
						</span>
					</div>
				)}
			</section>
			{photo.phase === "none" && photo.fault ? (
				<Notice tone="error" isLive>
					{photo.fault}
				</Notice>
			) : null}
			{photo.phase === "failed" && !isSignedOut ? (
				<Notice tone="error" isLive>
					<p>{photo.fault}</p>
					{photo.canTryAgain ? (
						<Button size="small" className="mt-2" onClick={onTryAgain}>
							<RotateCcw aria-hidden className="size-4" />
							Upload again
						</Button>
					) : (
						<Button size="small" className="mt-2" onClick={() => input.current?.click()}>
							<ImagePlus aria-hidden className="size-4" />
							Choose another file
						</Button>
					)}
				</Notice>
			) : null}
		</div>
	);
}

/** The invitation, and what can be used: said before anything is chosen. */
function EmptyWell({ rules, isOver }: { readonly rules: PhotoRules; readonly isOver: boolean }) {
	return (
		<label
			htmlFor="photo"
			className="grid min-h-72 place-items-center p-5 text-center sm:aspect-square lg:aspect-[5/4]"
		>
			<span
				className={cn(
					"grid size-full place-items-center rounded-lg border-2 border-dashed border-[#8d5a4b] p-6 transition-colors",
					isOver && "border-[#ff9a80] bg-[#ff5a33]/10",
				)}
			>
				<span className="flex flex-col items-center">
					<ImagePlus aria-hidden className="size-10 text-[#ff8a6e]" strokeWidth={1.5} />
					<span className="mt-4 font-display text-2xl font-semibold tracking-tight">
						{isOver ? "Let go" : "Choose a photo"}
					</span>
					<span id="photo-hint" className="mt-1.5 text-[0.9375rem] text-[#d9b9ab]">
						<span className="block">
							or drop one here. {formatWords(rules.types)}, up to {megabytes(rules.limitBytes)}.
						</span>
						{canReadHeic(rules.types) ? null : (
							<span className="mx-auto mt-3 block max-w-[44ch] text-sm text-balance">A HEIC photo? {heicAdvice}</span>
						)}
					</span>
				</span>
			</span>
		</label>
	);
}

/** The chosen file as the browser shows it, or its name where that is no picture. */
function Preview({ photo }: { readonly photo: Exclude<Photo, { phase: "none" }> }) {
	const [isBroken, setBroken] = useState(false);
	if (isBroken)
		return (
			<p className="px-6 py-16 text-center text-[#1b1210] wrap-anywhere sm:px-10">{photo.name} cannot be shown.</p>
		);
	return (
		<img
			src={photo.preview}
			alt={`Chosen: ${photo.name}`}
			onError={() => setBroken(true)}
			className={cn(
				"max-h-[min(24rem,70vw)] max-w-full object-contain transition-[filter,opacity] duration-700 lg:max-h-80",
				photo.phase === "uploading" && "opacity-80 sepia-[0.7]",
			)}
		/>
	);
}

function UploadBar({ percent }: { readonly percent: number }) {
	return (
		<div
			role="progressbar"
			aria-label="Uploading the photo"
			aria-valuenow={percent}
			aria-valuemin={0}
			aria-valuemax={100}
			className="absolute inset-x-5 bottom-5 h-1.5 overflow-hidden rounded-full bg-black/60"
		>
			<div
				className="h-full rounded-full bg-[#ff7557] transition-[width] duration-300"
				style={{ width: `${percent}%` }}
			/>
		</div>
	);
}
