"use client";

import { useDarkroomClient } from "darkroom/react";
import { Download } from "lucide-react";
import Link from "next/link";
import { DeleteButton } from "@/features/plushie/delete-button";
import { fileNameOf } from "@/features/plushie/file-name";
import { costWords, isActive, type PlushieJobSnapshot, wayOn, whyLost } from "@/features/plushie/plushie-job";
import { againPath } from "@/features/plushie/plushie-start";
import { RetryButton } from "@/features/plushie/retry-button";
import { Button } from "@/ui/button";
import { buttonStyle } from "@/ui/button-style";
import { useAttempt } from "@/ui/use-attempt";
import { Frame } from "./frame";

interface Props {
	readonly job: PlushieJobSnapshot;
}

/** A frame with what can be done at its status: cancel; download and delete; or retry, with the reason it is needed. */
export function GalleryFrame({ job }: Props) {
	const client = useDarkroomClient();
	const { isBusy, attempt } = useAttempt();

	if (isActive(job)) {
		const cancel = (
			<Button variant="quiet" size="small" disabled={isBusy} onClick={() => attempt(() => client.cancelJob(job.id))}>
				Cancel
			</Button>
		);
		return <Frame job={job} actions={cancel} />;
	}
	const remove = <DeleteButton jobId={job.id} />;
	if (job.status === "completed" && job.output) {
		const actions = (
			<div className="flex">
				<a
					href={`${client.assetUrl(job.output.plushie)}?download=${fileNameOf(job.output.description)}`}
					download
					aria-label="Download"
					className={buttonStyle({ variant: "quiet", size: "icon" })}
				>
					<Download aria-hidden className="size-4" />
				</a>
				{remove}
			</div>
		);
		return (
			<Frame job={job} actions={actions}>
				{/* The same way as the date's, for whoever points at the words; once is enough for the keyboard. */}
				<Link href={`/plushies/${job.id}`} tabIndex={-1} className="line-clamp-2 hover:text-ink">
					{job.output.description}
				</Link>
			</Frame>
		);
	}
	const way = wayOn(job);
	return (
		<Frame job={job} actions={remove}>
			{/* Whole: half a reason is none. */}
			<p>
				{whyLost(job) ?? "This one was cancelled."} {way.canRetry ? null : way.advice} {costWords(job)}
			</p>
			{way.canRetry ? (
				<div className="mt-3 mb-1">
					<RetryButton
						price={job.price}
						isBusy={isBusy}
						onRetry={() => attempt(() => client.retryJob(job.id))}
						isSmall
					/>
				</div>
			) : (
				<Link href={againPath(job.id)} className={buttonStyle({ size: "small", className: "mt-3 mb-1" })}>
					Another photo or notes
				</Link>
			)}
		</Frame>
	);
}
