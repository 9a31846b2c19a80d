"use client";

import { useDarkroomClient } from "darkroom/react";
import { Download, RotateCcw } from "lucide-react";
import Link from "next/link";
import { DeleteButton } from "@/features/plushie/delete-button";
import { type PlushieJobSnapshot, wayOn, whyLost } from "@/features/plushie/plushie-job";
import { againPath } from "@/features/plushie/plushie-start";
import { Button } from "@/ui/button";
import { buttonStyle } from "@/ui/button-style";
import { useAttempt } from "@/ui/use-attempt";
import { Frame } from "./frame";

interface Props {
	readonly job: PlushieJobSnapshot;
	readonly onDeleted: () => void;
}

/** A frame with what can be done at its status: cancel; download and delete; or retry, with the reason it is needed. */
export function GalleryFrame({ job, onDeleted }: Props) {
	const client = useDarkroomClient();
	const { isBusy, attempt } = useAttempt();

	if (job.status === "queued" || job.status === "running") {
		const cancel = (
			<Button variant="quiet" size="small" disabled={isBusy} onClick={() => attempt(() => client.cancelJob(job.id))}>
				Cancel
			</Button>
		);
		return <Frame job={job} actions={cancel} />;
	}
	const remove = <DeleteButton jobId={job.id} onDeleted={onDeleted} />;
	if (job.status === "completed" && job.output) {
		const actions = (
			<div className="flex">
				<a
					href={`${client.assetUrl(job.output.plushie)}?download`}
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
				<p className="line-clamp-2">{job.output.description}</p>
			</Frame>
		);
	}
	const way = wayOn(job);
	return (
		<Frame job={job} actions={remove}>
			<p className="line-clamp-4">{whyLost(job) ?? "You cancelled this one. Nothing was charged."}</p>
			{way.canRetry ? (
				<Button
					size="small"
					className="mt-3 mb-1"
					disabled={isBusy}
					onClick={() => attempt(() => client.retryJob(job.id))}
				>
					<RotateCcw aria-hidden className="size-4" />
					Retry
				</Button>
			) : (
				<>
					<p className="mt-2">{way.advice}</p>
					<Link href={againPath(job.id)} className={buttonStyle({ size: "small", className: "mt-3 mb-1" })}>
						Another photo or notes
					</Link>
				</>
			)}
		</Frame>
	);
}
