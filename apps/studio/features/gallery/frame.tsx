"use client";

import { useDarkroomClient } from "darkroom/react";
import Link from "next/link";
import type { ReactNode } from "react";
import { BeforeAfter } from "@/features/developing/before-after";
import { DevelopingPicture } from "@/features/developing/developing-picture";
import { LostPicture } from "@/features/developing/lost-picture";
import { ProgressFill } from "@/features/developing/progress-fill";
import {
	etaWords,
	isActive,
	type PlushieJobSnapshot,
	plushieOf,
	reachOf,
	spokenName,
	statusWords,
} from "@/features/plushie/plushie-job";
import { LocalTime, useLocalTime } from "@/ui/local-time";
import { StatusBadge } from "./status-badge";

interface Props {
	readonly job: PlushieJobSnapshot;
	/** Small buttons, in the line below the picture. */
	readonly actions?: ReactNode;
	/** What is to say about it, below them. */
	readonly children?: ReactNode;
}

/** One generation on the contact sheet: a frame of film, whatever became of it. */
export function Frame({ job, actions, children }: Props) {
	const name = `${spokenName(job)}, ${useLocalTime(job.createdAt, "short")}`;
	return (
		<article
			aria-label={name}
			className="darkroom flex h-full flex-col rounded-lg bg-film text-ink shadow-print ring-1 ring-white/8"
		>
			<div aria-hidden className="perforation mx-2" />
			<div className="relative mx-2">
				<Picture job={job} name={name} />
				<StatusBadge status={job.status} className="pointer-events-none absolute top-2 left-2 z-2" />
				{isActive(job) ? <Bar job={job} name={name} /> : null}
			</div>
			<div className="flex min-h-11 flex-wrap items-center justify-between gap-x-2 pr-2 pl-3">
				<Link
					href={`/plushies/${job.id}`}
					className="edge-text rounded whitespace-nowrap text-edge-print underline-offset-4 hover:underline"
				>
					<span className="sr-only">Open {spokenName(job)}, </span>▸ <LocalTime at={job.createdAt} isShort />
				</Link>
				<div className="ml-auto">{actions}</div>
			</div>
			<div className="flex-1 px-3 pb-2 text-sm text-faded wrap-anywhere">{children}</div>
			<div aria-hidden className="perforation mx-2" />
		</article>
	);
}

interface PartProps {
	readonly job: PlushieJobSnapshot;
	/** As it is read out. */
	readonly name: string;
}

function Picture({ job, name }: PartProps) {
	const { assetUrl } = useDarkroomClient();
	const { photo } = job.input;
	const plushie = plushieOf(job);
	if (job.status === "completed" && plushie) {
		return (
			<BeforeAfter
				before={{ src: assetUrl(photo, { width: 640 }), alt: "The photo" }}
				after={{ src: assetUrl(plushie, { width: 640 }), alt: job.output?.description ?? "The plushie" }}
				label={`Compare photo and plushie: ${name}`}
				isTabStop={false}
				className="aspect-square"
			/>
		);
	}
	return (
		<Link
			href={`/plushies/${job.id}`}
			tabIndex={-1}
			aria-hidden
			data-lit={isActive(job)}
			className="under-safelight block rounded-[2px]"
		>
			{isActive(job) ? (
				<DevelopingPicture
					assetId={photo}
					alt=""
					develop={0.34 + (0.4 * job.progress) / 100}
					width={384}
					className="aspect-square rounded-[2px]"
				/>
			) : (
				<LostPicture
					assetId={photo}
					alt=""
					isFailed={job.status === "failed"}
					width={384}
					className="aspect-square rounded-[2px]"
				/>
			)}
		</Link>
	);
}

function Bar({ job, name }: PartProps) {
	const eta = etaWords(job.etaMs);
	return (
		<div className="absolute inset-x-0 bottom-0 bg-gradient-to-t from-black/85 to-transparent px-3 pt-8 pb-3 text-sm text-white">
			<p className="truncate">{(job.status === "running" && job.message) || statusWords[job.status]}</p>
			<div
				role="progressbar"
				aria-label={`Progress: ${name}`}
				aria-valuenow={job.progress}
				aria-valuemin={0}
				aria-valuemax={100}
				aria-valuetext={eta ? `${job.progress} percent, ${eta}` : undefined}
				className="mt-2 h-1 overflow-hidden rounded-full bg-white/25"
			>
				<ProgressFill progress={job.progress} reach={reachOf(job)} color="bg-[#ff7557]" />
			</div>
		</div>
	);
}
