"use client";
import { useCredits, useGenerationJobs } from "darkroom/react";
import type { plushie } from "./plushie.ts";

// #region gallery
export function Gallery() {
	const { available, held } = useCredits();
	const { jobs, hasMore, loadMore } = useGenerationJobs<typeof plushie>({ kind: "generate-plushie" });
	return (
		<>
			<p>
				{available} available ({held} in use)
			</p>
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
