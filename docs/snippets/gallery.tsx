"use client";
import { useCredits, useGenerationJobs } from "darkroom/react";
import type { plushie } from "./plushie.ts";

// #region gallery
export function Gallery() {
	const { available, held, isKnown } = useCredits();
	const { jobs, hasMore, loadMore } = useGenerationJobs<typeof plushie>({ kind: "generate-plushie" });
	return (
		<>
			<p>{isKnown ? `${available} available (${held} in use)` : "Credits are not known yet"}</p>
			<ul>
				{jobs.map((job) => (
					<li key={job.id}>
						{job.status} {job.progress} %
					</li>
				))}
			</ul>
			{hasMore && (
				<button type="button" onClick={loadMore}>
					More
				</button>
			)}
		</>
	);
}
// #endregion
