"use server";

import { isDarkroomError } from "darkroom";
import { getDarkroom } from "@/server/darkroom";
import { getLogger } from "@/server/logger";
import { currentViewer } from "@/server/session";
import { wordsOf } from "@/ui/problem-words";

/** What became of a delete: nothing when it worked, else a sentence for whoever asked. */
export interface DeleteAnswer {
	readonly fault?: string;
}

/** Removes a generation that has ended, with the pictures that were made for it. Only the viewer's own exist. */
export async function deleteGeneration(jobId: string): Promise<DeleteAnswer> {
	try {
		const viewer = await currentViewer();
		if (!viewer) return { fault: "You are signed out. Please sign in again." };
		const darkroom = await getDarkroom();
		await darkroom.deleteJob({ viewer: viewer.id, jobId: String(jobId) });
		return {};
	} catch (error) {
		// Gone already is as good as deleted: two tabs, or a double click.
		if (isDarkroomError(error, "not_found")) return {};
		if (isDarkroomError(error) && error.status < 500) return { fault: error.detail };
		getLogger().error({ error: error as Error, jobId }, "a generation could not be deleted");
		return { fault: isDarkroomError(error) ? wordsOf(error).detail : "That did not work. Please try again." };
	}
}
