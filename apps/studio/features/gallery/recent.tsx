"use client";

import { useGenerationJobs } from "darkroom/react";
import Link from "next/link";
import { OfflineNotice } from "@/features/developing/offline-notice";
import { RestNotice } from "@/features/developing/rest-notice";
import { useDeleted } from "@/features/plushie/deleted";
import { type PlushieDefinition, plushieKind } from "@/features/plushie/plushie-job";
import { Frame } from "./frame";
import { FrameSkeleton } from "./frame-skeleton";

const shown = 4;

/** The latest few below the form: what is developing, and what has just come out. */
export function Recent() {
	const list = useGenerationJobs<PlushieDefinition>({ kind: plushieKind, limit: shown });
	const { isLoading } = list;
	const deleted = useDeleted();
	const jobs = list.jobs.filter((job) => !deleted.has(job.id));
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
			<ul className="grid grid-cols-2 gap-3 sm:gap-5 lg:grid-cols-4" aria-busy={isLoading}>
				{isLoading
					? Array.from({ length: shown }, (_, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
							<li key={index}>
								<FrameSkeleton />
							</li>
						))
					: jobs.slice(0, shown).map((job) => (
							<li key={job.id}>
								<Frame job={job} />
							</li>
						))}
			</ul>
		</section>
	);
}
