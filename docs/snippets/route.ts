// #region route
import { toNextHandlers } from "darkroom/next";
import { darkroom } from "./darkroom.ts";
import { sessionUserId } from "./session.ts";

export const { GET, HEAD, POST, DELETE } = toNextHandlers(darkroom, {
	viewer: sessionUserId,
	cronSecret: process.env.CRON_SECRET,
});
// #endregion
