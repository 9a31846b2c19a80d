import { isDarkroomError } from "darkroom";
import { storeAwayDigest } from "../features/site/store-away";

/**
 * What a page reads to be rendered. Where the database is away, the error is marked, so that the page that is shown
 * instead (app/error.tsx) can say so and come back by itself.
 * @throws what `reading` rejects with
 */
export async function reading<Read>(read: Promise<Read>): Promise<Read> {
	try {
		return await read;
	} catch (error) {
		if (isDarkroomError(error, "store_unavailable")) Object.assign(error, { digest: storeAwayDigest });
		throw error;
	}
}
