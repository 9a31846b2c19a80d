"use client";

import { useGenerationJobs } from "darkroom/react";
import Link from "next/link";
import { OfflineNotice } from "@/features/developing/offline-notice";
import { RestNotice } from "@/features/developing/rest-notice";
import { useDeleted } from "@/features/plushie/deleted";
import { isActive, type PlushieDefinition, plushieKind } from "@/features/plushie/plushie-job";
import { Frame } from "./frame";
import { FrameSkeleton } from "./frame-skeleton";
import { GalleryFrame } from "./gallery-frame";

/** As a rule; what is in progress is shown however much it is. */
const usual = 4;
const most = 12;

/** The latest few below the form: what develops, with its cancel, what has just come out, and what has not, with why and a retry. */
export function Recent() {
	const list = useGenerationJobs<PlushieDefinition>({ kind: plushieKind, limit: most });
	const { isLoading } = list;
	const deleted = useDeleted();
	const jobs = list.jobs.filter((job) => !deleted.has(job.id)).filter((job, index) => index < usual || isActive(job));
	if (!isLoading && jobs.length === 0) return null;
	return (
		<section aria-labelledby="recent">
			<div className="mb-5 flex items-baseline justify-between gap-4">
				<h2 id="recent" className="text-2xl sm:text-3xl">
					Lately
				</h2>
				<Link href="/gallery" className="font-semibold text-safelight underline-offset-4 hover:underline">
					The whole gallery
				</Link>
			</div>
			<OfflineNotice watch={list} className="mb-5" />
			<RestNotice watch={list} className="mb-5" />
			<ul className="grid grid-cols-1 gap-3 min-[360px]:grid-cols-2 sm:gap-5 lg:grid-cols-4" aria-busy={isLoading}>
				{isLoading
					? Array.from({ length: usual }, (_, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
							<li key={index}>
								<FrameSkeleton />
							</li>
						))
					: jobs.map((job) => (
							<li key={job.id}>{job.status === "completed" ? <Frame job={job} /> : <GalleryFrame job={job} />}</li>
						))}
			</ul>
		</section>
	);
}
