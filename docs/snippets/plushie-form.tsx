"use client";
import { useDarkroomClient, useGenerationJob, useSubmit } from "darkroom/react";
import { type ChangeEvent, useState } from "react";
import type { plushie } from "./plushie.ts";

// #region form
export function PlushieForm() {
	const client = useDarkroomClient();
	const { submit, isSubmitting, error } = useSubmit<typeof plushie>("generate-plushie");
	const [jobId, setJobId] = useState<string | null>(null);

	async function start(event: ChangeEvent<HTMLInputElement>) {
		const file = event.target.files?.[0];
		if (!file) return;
		const photo = await client.upload(file);
		const job = await submit({ photo: photo.id });
		setJobId(job.id);
	}

	return (
		<>
			<input type="file" accept="image/*" disabled={isSubmitting} onChange={start} />
			{error && <p role="alert">{error.detail}</p>}
			{jobId && <Plushie jobId={jobId} />}
		</>
	);
}
// #endregion

// #region follow
export function Plushie({ jobId }: { jobId: string }) {
	const client = useDarkroomClient();
	const { job, isActive, isStale, lookAgain, cancel, retry } = useGenerationJob<typeof plushie>(jobId);
	if (!job) return <p>Loading …</p>;
	if (job.output) return <img src={client.assetUrl(job.output.plushie, { width: 640 })} alt="Your plushie" />;
	if (job.error)
		return (
			<button type="button" onClick={retry}>
				{job.error.message} Try again
			</button>
		);
	return (
		<>
			<progress value={job.progress} max={100} />
			{isActive && (
				<button type="button" onClick={cancel}>
					Cancel
				</button>
			)}
			{isStale && (
				<button type="button" onClick={lookAgain}>
					Nothing has changed for a while. Look again
				</button>
			)}
		</>
	);
}
// #endregion
