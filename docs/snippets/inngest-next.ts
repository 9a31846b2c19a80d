// #region serve
import { inngestHandlers } from "darkroom/inngest";
import { serve } from "inngest/next";
import { darkroom } from "./inngest.ts";

export const { GET, POST, PUT } = serve({ ...inngestHandlers(darkroom), enableUnauthedSync: false });
// #endregion
