"use client";

import { ProgressFill } from "@/features/developing/progress-fill";
import { Button } from "@/ui/button";
import { etaWords, leftOf, type PlushieJobSnapshot, reachOf, silenceWords } from "./plushie-job";
import { StepList } from "./step-list";
import { usePassed } from "./use-passed";

interface Props {
	readonly job: PlushieJobSnapshot;
	/** There is no news: how long it takes still is not known. */
	readonly isOffline: boolean;
	readonly isBusy: boolean;
	readonly onCancel: () => void;
}

/** What is happening now, how far it is, and how long it will likely take. */
export function Progress({ job, isOffline, isBusy, onCancel }: Props) {
	const passedMs = usePassed(job.version);
	const eta = etaWords(leftOf(job, passedMs));
	const silence = isOffline ? undefined : silenceWords(job, passedMs);
	const isLate = job.status === "queued" && silence !== undefined;
	return (
		<>
			<div>
				<h1 className="text-4xl sm:text-5xl">{job.status === "queued" ? "Waiting its turn" : "Developing"}</h1>
				<p className="mt-3 text-lg text-faded">
					{(job.status === "running" && job.message) || waitWords(job.queuePosition, isLate)}
				</p>
			</div>
			<div>
				<div
					role="progressbar"
					aria-label="Progress"
					aria-valuenow={job.progress}
					aria-valuemin={0}
					aria-valuemax={100}
					className="h-2 overflow-hidden rounded-full bg-sunk"
				>
					<ProgressFill progress={job.progress} reach={reachOf(job)} color="bg-safelight" />
				</div>
				<p className="mt-2 flex justify-between gap-4 text-sm text-faded tabular-nums">
					<span>{job.progress} %</span>
					<span>{isOffline ? null : (eta ?? "no estimate yet")}</span>
				</p>
			</div>
			{silence ? <p className="text-sm text-faded">{silence}</p> : null}
			<StepList job={job} />
			<div className="flex flex-wrap items-center gap-x-4 gap-y-3 border-t border-line pt-5">
				<Button disabled={isBusy} onClick={onCancel}>
					{isBusy ? "Cancelling…" : "Cancel"}
				</Button>
				<p className="text-sm text-faded">You can leave this page: it goes on without you.</p>
			</div>
		</>
	);
}

function waitWords(queuePosition: number | undefined, isLate: boolean): string {
	if (isLate) return "Nobody has begun with it yet.";
	if (queuePosition === undefined || queuePosition === 0) return "It starts in a moment.";
	return queuePosition === 1 ? "One other is before it." : `${queuePosition} others are before it.`;
}
