import { createClient, isProblemError } from "darkroom/client";
import type { plushie } from "./plushie.ts";

// #region client
const client = createClient({ baseUrl: "/api" });

export async function makePlushie(file: File) {
	const photo = await client.upload(file, { onProgress: (share) => console.log(`${Math.round(share * 100)} % sent`) });
	try {
		const job = await client.submit<typeof plushie>("generate-plushie", { photo: photo.id });
		const watch = client.watchJob<typeof plushie>(job.id);
		return watch.subscribe(() => console.log(watch.getSnapshot().job?.status));
	} catch (error) {
		if (isProblemError(error, "insufficient_credits"))
			console.log(error.detail, error.data.needed, error.data.available);
		throw error;
	}
}
// #endregion
