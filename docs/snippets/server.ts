import { darkroom } from "./darkroom.ts";
import { plushie } from "./plushie.ts";

// #region submit
export async function startPlushie(userId: string, photo: string, formId: string) {
	const job = await darkroom.submit(plushie, {
		owner: userId,
		input: { photo },
		// The same form sent twice is one job.
		idempotencyKey: formId,
	});
	return job.id;
}
// #endregion

// #region read
export async function showGallery(userId: string) {
	const { jobs, nextCursor } = await darkroom.listJobs({ viewer: userId, kind: "generate-plushie" });
	return { jobs, nextCursor };
}
// #endregion

// #region credits
export async function welcome(userId: string) {
	// Once for each owner and key, however often it is called.
	await darkroom.grantCredits({ owner: userId, amount: 20, key: "starter" });
	const { posted, held, available } = await darkroom.getBalance(userId);
	return `${available} available (${held} in use) of ${posted}`;
}
// #endregion

// #region transfer
export async function keepWhatTheGuestMade(guestId: string, userId: string) {
	await darkroom.transferOwner({ from: guestId, to: userId });
}
// #endregion

// #region watch
export function logChanges(userId: string) {
	const watch = darkroom.watch({
		viewer: userId,
		onJob: (job, cursor) => console.log(cursor, job.id, job.status, job.progress),
		onEnd: () => console.log("The runtime has stopped."),
	});
	return () => watch.stop();
}
// #endregion

// #region start
// What an earlier process has left goes on at once. Without it: with the first request, or the first submit.
await darkroom.start();
// #endregion

// #region stop
process.once("SIGTERM", async () => {
	await darkroom.stop({ graceMs: 10_000 });
	process.exit(0);
});
// #endregion
