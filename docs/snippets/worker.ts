import { darkroom } from "./postgres.ts";

// #region worker
await darkroom.start();
process.once("SIGTERM", async () => {
	await darkroom.stop({ graceMs: 10_000 });
	process.exit(0);
});
// #endregion
