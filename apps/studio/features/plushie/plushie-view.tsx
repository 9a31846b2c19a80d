"use client";

import { useGenerationJob } from "darkroom/react";
import { useRouter } from "next/navigation";
import { OfflineNotice } from "@/features/developing/offline-notice";
import { RestNotice } from "@/features/developing/rest-notice";
import { useAttempt } from "@/ui/use-attempt";
import { Outcome } from "./outcome";
import { isActive, type PlushieDefinition, type PlushieJobSnapshot, plushieOf, whyLost } from "./plushie-job";
import { Progress } from "./progress";
import { Tray } from "./tray";
import { useStateTitle } from "./use-state-title";

/** One generation, from the first second to the finished print; the same page, whenever one comes back to it. */
export function PlushieView({ initialJob }: { readonly initialJob: PlushieJobSnapshot }) {
	const router = useRouter();
	const watch = useGenerationJob<PlushieDefinition>(initialJob.id);
	const { isBusy, attempt } = useAttempt();
	const job = watch.job ?? initialJob;
	useStateTitle(job);

	return (
		<div className="mx-auto grid w-full max-w-6xl items-start gap-x-12 gap-y-8 px-4 pt-6 pb-16 sm:px-6 sm:pt-10 lg:grid-cols-[1.2fr_1fr]">
			<Tray job={job} plushie={plushieOf(job)} />
			<div className="min-w-0 space-y-6 lg:pt-4">
				<OfflineNotice watch={watch} />
				<RestNotice watch={watch} />
				{isActive(job) ? (
					<Progress job={job} isOffline={watch.isOffline} isBusy={isBusy} onCancel={() => attempt(watch.cancel)} />
				) : (
					<Outcome
						job={job}
						isBusy={isBusy}
						onRetry={() => attempt(watch.retry)}
						onDeleted={() => router.push("/gallery")}
					/>
				)}
				<Announcer text={announcement(job)} />
			</div>
		</div>
	);
}

/** Says changes aloud that others see: one sentence a change, never a number a second. */
function Announcer({ text }: { readonly text: string }) {
	return (
		<p role="status" className="sr-only">
			{text}
		</p>
	);
}

function announcement(job: PlushieJobSnapshot): string {
	if (job.status === "completed") return "Your plushie is ready.";
	if (job.status === "failed") return `It did not work. ${whyLost(job) ?? ""}`;
	if (job.status === "cancelled") return "Cancelled.";
	return (job.status === "running" && job.message) || "Waiting for its turn.";
}
