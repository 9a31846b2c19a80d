"use client";

import { useDarkroomClient } from "darkroom/react";
import { Download } from "lucide-react";
import Link from "next/link";
import { buttonStyle } from "@/ui/button-style";
import { LocalTime } from "@/ui/local-time";
import { Notice } from "@/ui/notice";
import { DeleteButton } from "./delete-button";
import { fileNameOf } from "./file-name";
import { costWords, type PlushieJobSnapshot, wayOn, whyLost } from "./plushie-job";
import { againPath } from "./plushie-start";
import { RetryButton } from "./retry-button";
import { StepList } from "./step-list";

interface Props {
	readonly job: PlushieJobSnapshot;
	readonly isBusy: boolean;
	readonly onRetry: () => void;
	readonly onDeleted: () => void;
}

/** What became of it, what it cost, and what can be done next. */
export function Outcome(props: Props) {
	return props.job.status === "completed" ? <Finished {...props} /> : <Lost {...props} />;
}

function Finished({ job, onDeleted }: Props) {
	const { assetUrl } = useDarkroomClient();
	const output = job.output;
	if (!output) return null;
	return (
		<>
			<h1 className="text-4xl sm:text-5xl">Your plushie is ready</h1>
			<div className="flex flex-wrap gap-2">
				<a
					href={`${assetUrl(output.plushie)}?download=${fileNameOf(output.description)}`}
					download
					className={buttonStyle({ variant: "primary" })}
				>
					<Download aria-hidden className="size-4" />
					Download
				</a>
				<Link href="/plushies" className={buttonStyle({})}>
					Make another
				</Link>
				<DeleteButton jobId={job.id} onDeleted={onDeleted} hasLabel />
			</div>
			<p className="text-lg wrap-anywhere">{output.description}</p>
			{output.features.length > 0 ? (
				<ul aria-label="Recognised by" className="flex flex-wrap gap-2">
					{output.features.map((feature) => (
						<li
							key={feature}
							className="max-w-full rounded-2xl border border-line bg-sheet px-3 py-1 text-sm wrap-anywhere"
						>
							{feature}
						</li>
					))}
				</ul>
			) : null}
			<Facts job={job} />
		</>
	);
}

const lostWords: Readonly<Record<string, string>> = {
	timed_out: "It was not done in time",
	moderated: "The model refused this one",
	cleared: "It was cleared",
};

function Lost({ job, isBusy, onRetry, onDeleted }: Props) {
	const isCancelled = job.status === "cancelled";
	const way = wayOn(job);
	const title = isCancelled ? "Cancelled" : (lostWords[job.error?.code ?? ""] ?? "It did not come out");
	return (
		<>
			<h1 className="text-4xl sm:text-5xl">{title}</h1>
			<Notice tone={isCancelled ? "info" : "error"}>
				<p>{isCancelled ? "This one was cancelled." : whyLost(job)}</p>
				{way.canRetry || !way.advice ? null : <p className="mt-1">{way.advice}</p>}
				<p className="mt-1 text-faded">{costWords(job)}</p>
			</Notice>
			<div className="flex flex-wrap gap-2">
				{way.canRetry ? <RetryButton price={job.price} isBusy={isBusy} onRetry={onRetry} /> : null}
				<Link href={againPath(job.id)} className={buttonStyle({ variant: way.canRetry ? "plain" : "primary" })}>
					Another photo or notes
				</Link>
				<DeleteButton jobId={job.id} onDeleted={onDeleted} hasLabel />
			</div>
			{way.canRetry ? (
				<p className="text-sm text-faded">A retry uses the photo that is here already, and goes on where it stopped.</p>
			) : null}
			<StepList job={job} />
			<Facts job={job} />
		</>
	);
}

/**
 * What it took is told of what came out. Of the rest the notice says already what it cost, and nobody knows how much of its
 * time was work: it may have been nobody's.
 */
function Facts({ job }: { readonly job: PlushieJobSnapshot }) {
	const { assetUrl } = useDarkroomClient();
	return (
		<dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 border-t border-line pt-5 text-[0.9375rem] [&_dt]:text-faded">
			{job.status === "completed" ? <Cost job={job} /> : null}
			<dt>Begun</dt>
			<dd>
				<LocalTime at={job.createdAt} />
			</dd>
			<dt>Full size</dt>
			<dd className="flex flex-wrap gap-x-4 [&_a]:underline [&_a]:underline-offset-3">
				<a href={assetUrl(job.input.photo)} target="_blank" rel="noreferrer">
					Photo
				</a>
				{job.output ? (
					<a href={assetUrl(job.output.plushie)} target="_blank" rel="noreferrer">
						Plushie
					</a>
				) : null}
			</dd>
			{job.input.notes ? (
				<>
					<dt>Notes</dt>
					<dd className="wrap-anywhere">{job.input.notes}</dd>
				</>
			) : null}
		</dl>
	);
}

function Cost({ job }: { readonly job: PlushieJobSnapshot }) {
	const took = job.startedAt && job.finishedAt ? Date.parse(job.finishedAt) - Date.parse(job.startedAt) : undefined;
	return (
		<>
			<dt>Charged</dt>
			<dd className="tabular-nums">{job.charged === 1 ? "1 credit" : `${job.charged} credits`}</dd>
			{took === undefined ? null : (
				<>
					<dt>Took</dt>
					<dd className="tabular-nums">{(took / 1_000).toFixed(took < 10_000 ? 1 : 0)} s</dd>
				</>
			)}
		</>
	);
}
