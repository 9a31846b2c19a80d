import { type Darkroom, isDarkroomError } from "darkroom";
import { type PlushieJobSnapshot, plushieKind } from "../features/plushie/plushie-job";
import type { PlushieStart } from "../features/plushie/plushie-start";

/** What an earlier plushie of the viewer's was made from; undefined where there is none of that id, whoever else's it may be. */
export async function readPlushieStart(
	darkroom: Pick<Darkroom, "getJob" | "getAsset">,
	viewer: string,
	jobId: string,
): Promise<PlushieStart | undefined> {
	const job = await orUndefined(darkroom.getJob({ viewer, jobId }));
	if (job?.kind !== plushieKind) return undefined;
	// The kind decides what the input looks like.
	const { photo, notes = "" } = (job as PlushieJobSnapshot).input;
	const asset = await orUndefined(darkroom.getAsset(viewer, photo));
	return { from: job.id, photo: asset?.id ?? null, notes };
}

async function orUndefined<Found>(reading: Promise<Found>): Promise<Found | undefined> {
	try {
		return await reading;
	} catch (error) {
		if (isDarkroomError(error, "not_found")) return undefined;
		throw error;
	}
}
