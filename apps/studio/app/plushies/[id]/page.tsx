import { isDarkroomError, type JobSnapshot } from "darkroom";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ActiveLimit } from "@/features/plushie/active-limit";
import { type PlushieJobSnapshot, plushieKind } from "@/features/plushie/plushie-job";
import { PlushieView } from "@/features/plushie/plushie-view";
import { getDarkroom } from "@/server/darkroom";
import { plushieActiveLimit } from "@/server/plushie-terms";
import { reading } from "@/server/reading";
import { requireViewer } from "@/server/session";

export const metadata: Metadata = { title: "Plushie" };

export default async function PlushiePage({ params }: PageProps<"/plushies/[id]">) {
	const { id } = await params;
	const viewer = await requireViewer(`/plushies/${id}`);
	const job = await reading(readOwn(viewer.id, id));
	// The kind decides what input and output look like; whatever is not a plushie has no page here.
	if (job?.kind !== plushieKind) notFound();
	return (
		<ActiveLimit limit={plushieActiveLimit}>
			<PlushieView initialJob={job as PlushieJobSnapshot} />
		</ActiveLimit>
	);
}

async function readOwn(viewer: string, jobId: string): Promise<JobSnapshot | null> {
	try {
		const darkroom = await getDarkroom();
		return await darkroom.getJob({ viewer, jobId });
	} catch (error) {
		if (isDarkroomError(error, "not_found")) return null;
		throw error;
	}
}
