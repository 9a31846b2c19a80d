import { createHandler } from "darkroom/http";
import { darkroom } from "./darkroom.ts";
import { sessionUserId } from "./session.ts";

// #region handler
const handle = createHandler(darkroom, { viewer: sessionUserId, basePath: "/api" });

export default { fetch: handle };
// #endregion
