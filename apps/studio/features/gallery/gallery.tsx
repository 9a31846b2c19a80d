"use client";

import { isProblemError } from "darkroom/client";
import { useDarkroomClient, useGenerationJobs } from "darkroom/react";
import { Download, RotateCcw } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { type PlushieDefinition, plushieKind, plushieOf } from "@/features/plushie/plushie-job";
import { Button } from "@/ui/button";
import { buttonStyle } from "@/ui/button-style";
import { Notice } from "@/ui/notice";
import { DeleteButton } from "./delete-button";
import { EmptyGallery } from "./empty-gallery";
import { Frame } from "./frame";
import { FrameSkeleton } from "./frame-skeleton";

const pageSize = 12;

/** Every generation whatever its status, newest first, a page at a time. */
export function Gallery() {
	const list = useGenerationJobs<PlushieDefinition>({ kind: plushieKind, limit: pageSize });
	const [deleted, setDeleted] = useState<ReadonlySet<string>>(new Set());
	const jobs = list.jobs.filter((job) => !deleted.has(job.id));

	if (list.error && jobs.length === 0) {
		return (
			<Notice tone="error" title="The gallery cannot be shown" isLive>
				<p>{list.error.detail}</p>
				<Button size="small" className="mt-3" onClick={list.refetch}>
					Try again
				</Button>
			</Notice>
		);
	}
	if (!list.isLoading && jobs.length === 0 && !list.hasMore) return <EmptyGallery />;
	return (
		<>
			{list.isOffline ? (
				<Notice tone="warning" className="mb-5" isLive>
					The server cannot be reached. What you see may be old; it is asked again by itself.
				</Notice>
			) : null}
			<ul
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
								<Frame job={job}>
									<FrameActions job={job} onDeleted={() => setDeleted((before) => new Set(before).add(job.id))} />
								</Frame>
							</li>
						))}
			</ul>
			{list.hasMore ? (
				<div className="mt-10 text-center">
					<Button onClick={list.loadMore} disabled={list.isLoadingMore}>
						{list.isLoadingMore ? "Looking…" : "Show older"}
					</Button>
				</div>
			) : null}
		</>
	);
}

interface ActionProps {
	readonly job: Parameters<typeof Frame>[0]["job"];
	readonly onDeleted: () => void;
}

function FrameActions({ job, onDeleted }: ActionProps) {
	const client = useDarkroomClient();
	const [isBusy, setBusy] = useState(false);
	const plushie = plushieOf(job);

	async function act(what: () => Promise<unknown>) {
		setBusy(true);
		try {
			await what();
		} catch (error) {
			toast.error(isProblemError(error) ? error.detail : "That did not work. Please try again.");
		} finally {
			setBusy(false);
		}
	}

	if (job.status === "queued" || job.status === "running") {
		return (
			<Button variant="quiet" size="small" disabled={isBusy} onClick={() => act(() => client.cancelJob(job.id))}>
				Cancel
			</Button>
		);
	}
	return (
		<div className="flex w-full items-end justify-between gap-2">
			{job.status === "completed" ? (
				<>
					<p className="line-clamp-2 self-center pl-1 text-sm text-faded">{job.output?.description}</p>
					<div className="flex">
						{plushie ? (
							<a
								href={client.assetUrl(plushie)}
								download={`plushie-${job.id}.png`}
								aria-label="Download"
								className={buttonStyle({ variant: "quiet", size: "icon" })}
							>
								<Download aria-hidden className="size-4" />
							</a>
						) : null}
						<DeleteButton jobId={job.id} onDeleted={onDeleted} />
					</div>
				</>
			) : (
				<>
					<div className="min-w-0 space-y-2 pl-1">
						<p className="line-clamp-3 text-sm text-faded">
							{job.error?.message ?? "You cancelled this one. Nothing was charged."}
						</p>
						<Button size="small" disabled={isBusy} onClick={() => act(() => client.retryJob(job.id))}>
							<RotateCcw aria-hidden className="size-4" />
							Retry
						</Button>
					</div>
					<DeleteButton jobId={job.id} onDeleted={onDeleted} />
				</>
			)}
		</div>
	);
}
