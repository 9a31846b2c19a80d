"use client";
import { ProblemError } from "darkroom/client";
import { useDarkroomClient, useGenerationJob, useSubmit } from "darkroom/react";
import { type ChangeEvent, useState } from "react";
import type { plushie } from "./plushie.ts";

// #region form
export function PlushieForm() {
	const client = useDarkroomClient();
	const { submit, isSubmitting } = useSubmit<typeof plushie>("generate-plushie");
	const [jobId, setJobId] = useState<string | null>(null);
	const [refusal, setRefusal] = useState<string>();

	async function start(event: ChangeEvent<HTMLInputElement>) {
		const file = event.target.files?.[0];
		if (!file) return;
		setRefusal(undefined);
		try {
			const photo = await client.upload(file);
			const job = await submit({ photo: photo.id });
			setJobId(job.id);
		} catch (error) {
			// A photo that cannot be read, no credits left, nobody signed in: the server's words are meant to be shown.
			setRefusal(error instanceof ProblemError ? error.detail : "That did not work. Try again.");
		}
	}

	return (
		<>
			<input type="file" accept="image/*" disabled={isSubmitting} onChange={start} />
			{refusal && <p role="alert">{refusal}</p>}
			{jobId && <Plushie jobId={jobId} />}
		</>
	);
}
// #endregion

// #region follow
export function Plushie({ jobId }: { jobId: string }) {
	const client = useDarkroomClient();
	const { job, error, isActive, isStale, lookAgain, cancel, retry } = useGenerationJob<typeof plushie>(jobId);
	const [refusal, setRefusal] = useState<string>();
	// Both may be refused: no credits are left by now, say, or the job has ended in between.
	const ask = (act: () => Promise<unknown>) => () => {
		setRefusal(undefined);
		act().catch((refused) => setRefusal(refused.detail));
	};
	if (!job) return <p>{error ? error.detail : "Loading …"}</p>;
	if (job.output) return <img src={client.assetUrl(job.output.plushie, { width: 640 })} alt="Your plushie" />;
	if (job.error)
		return (
			<p role="alert">
				{refusal ?? job.error.message}{" "}
				{job.error.retryable && (
					<button type="button" onClick={ask(retry)}>
						Try again
					</button>
				)}
			</p>
		);
	return (
		<>
			<progress value={job.progress} max={100} />
			{refusal && <p role="alert">{refusal}</p>}
			{isActive && (
				<button type="button" onClick={ask(cancel)}>
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
