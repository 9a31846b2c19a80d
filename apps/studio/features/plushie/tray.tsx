"use client";

import { useDarkroomClient } from "darkroom/react";
import { BeforeAfter } from "@/features/developing/before-after";
import { DevelopingPicture } from "@/features/developing/developing-picture";
import { LostPicture } from "@/features/developing/lost-picture";
import { cn } from "@/ui/class-names";
import { isActive, type PlushieJobSnapshot } from "./plushie-job";

/** Tones that are up before the first step is through, and while the plushie itself is still missing. */
const first = 0.08;
const latentMost = 0.72;

interface Props {
	readonly job: PlushieJobSnapshot;
	/** The finished picture, or the one that a step has let see already. */
	readonly plushie: string | undefined;
}

/**
 * The print in its tray. While the job runs, the photo comes up with its real progress; as soon as there is a
 * plushie, that one develops in its place; and when the job is done the light goes on, and both can be compared. On
 * a phone it is small until there is a plushie: how far it is, and what can be done, are to be seen beside it.
 */
export function Tray({ job, plushie }: Props) {
	const { assetUrl } = useDarkroomClient();
	const isDone = job.status === "completed" && plushie !== undefined;
	const isLost = !isActive(job) && !isDone;
	const { photo } = job.input;
	return (
		<div data-lit={isActive(job)} className="tray darkroom grid place-items-center p-5 sm:p-10">
			<div
				data-lit={isActive(job)}
				className={cn(
					"print under-safelight z-2 w-full max-w-[34rem]",
					isLost && "max-sm:max-w-44",
					isActive(job) && "max-sm:max-w-52",
				)}
			>
				{isDone ? (
					<BeforeAfter
						before={{ src: assetUrl(photo, { width: 1280 }), alt: "The photo" }}
						after={{ src: assetUrl(plushie, { width: 1280 }), alt: job.output?.description ?? "The plushie" }}
						label="Compare the photo with the plushie"
						className="develops-once aspect-square"
					/>
				) : isLost ? (
					<LostPicture
						assetId={photo}
						alt="The photo"
						isFailed={job.status === "failed"}
						width={960}
						className="aspect-square"
					/>
				) : (
					<DevelopingPicture
						key={plushie ?? photo}
						assetId={plushie ?? photo}
						alt={plushie ? "The plushie, developing" : "The photo, in the tray"}
						develop={developOf(job, plushie !== undefined)}
						width={960}
						isEager
						className="aspect-square"
					/>
				)}
				<p className="edge-text flex justify-between gap-4 pt-3 pb-1 text-[#1a0a06]">
					<span>{isDone ? "Photo" : "Darkroom"}</span>
					<span>{isDone ? "Plushie" : isActive(job) ? `${job.progress} %` : null}</span>
				</p>
			</div>
		</div>
	);
}

function developOf(job: PlushieJobSnapshot, hasPlushie: boolean): number {
	if (hasPlushie) return 0.92;
	return first + ((latentMost - first) * job.progress) / 100;
}
