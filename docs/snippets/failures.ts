import { isDarkroomError } from "darkroom";
import { darkroom } from "./darkroom.ts";
import { storyImages } from "./story-images.ts";

// #region conflict
export async function startStory(userId: string, storyId: string, prompts: string[]) {
	try {
		return await darkroom.submit(storyImages, { owner: userId, input: { storyId, prompts } });
	} catch (error) {
		if (!isDarkroomError(error, "conflict")) throw error;
		// The maker was asked "Clear the stuck job?" and said yes.
		await darkroom.clearSubject({ viewer: userId, subject: `story:${storyId}` });
		return darkroom.submit(storyImages, { owner: userId, input: { storyId, prompts } });
	}
}
// #endregion
