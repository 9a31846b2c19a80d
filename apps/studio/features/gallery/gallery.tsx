"use client";

import { useGenerationJobs } from "darkroom/react";
import { useLayoutEffect, useRef } from "react";
import { OfflineNotice } from "@/features/developing/offline-notice";
import { RestNotice } from "@/features/developing/rest-notice";
import { useDeleted } from "@/features/plushie/deleted";
import { type PlushieDefinition, plushieKind } from "@/features/plushie/plushie-job";
import { Button } from "@/ui/button";
import { linkOf } from "@/ui/focus-trail";
import { Notice } from "@/ui/notice";
import { wordsOf } from "@/ui/problem-words";
import { EmptyGallery } from "./empty-gallery";
import { FrameSkeleton } from "./frame-skeleton";
import { GalleryFrame } from "./gallery-frame";

const pageSize = 12;

/** Every generation whatever its status, newest first, a page at a time. */
export function Gallery() {
	const list = useGenerationJobs<PlushieDefinition>({ kind: plushieKind, limit: pageSize });
	const deleted = useDeleted();
	const jobs = list.jobs.filter((job) => !deleted.has(job.id));
	const frames = useRef<HTMLUListElement>(null);
	/** How many there were when older ones were asked for. */
	const shown = useRef<number>(null);

	// With the last page the button goes, and with it the focus: on to what it has brought, and nothing moves.
	useLayoutEffect(() => {
		if (shown.current === null || jobs.length <= shown.current) return;
		const first = frames.current?.children[shown.current];
		shown.current = null;
		if (!list.hasMore) linkOf(first)?.focus({ preventScroll: true });
	}, [jobs.length, list.hasMore]);

	if (list.error && jobs.length === 0) {
		return (
			<Notice tone="error" title="The gallery cannot be shown" isLive>
				<p>{wordsOf(list.error).detail}</p>
				<Button size="small" className="mt-3" onClick={list.refetch}>
					Try again
				</Button>
			</Notice>
		);
	}
	if (!list.isLoading && jobs.length === 0 && !list.hasMore) return <EmptyGallery />;
	return (
		<>
			<OfflineNotice watch={list} className="mb-5" />
			<RestNotice watch={list} className="mb-5" />
			<ul
				ref={frames}
				className="grid grid-cols-1 gap-5 min-[420px]:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4"
				aria-busy={list.isLoading}
			>
				{list.isLoading && jobs.length === 0
					? Array.from({ length: 8 }, (_, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
							<li key={index}>
								<FrameSkeleton />
							</li>
						))
					: jobs.map((job) => (
							<li key={job.id}>
								<GalleryFrame job={job} />
							</li>
						))}
			</ul>
			{list.hasMore ? (
				<div className="mt-10 text-center">
					<Button
						onClick={() => {
							shown.current = jobs.length;
							list.loadMore();
						}}
						disabled={list.isLoadingMore}
					>
						{list.isLoadingMore ? "Looking…" : "Show older"}
					</Button>
				</div>
			) : null}
		</>
	);
}
