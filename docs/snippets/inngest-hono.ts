// #region serve
import { inngestHandlers } from "darkroom/inngest";
import { Hono } from "hono";
import { serve } from "inngest/hono";
import { darkroom } from "./inngest.ts";

const app = new Hono();
app.on(["GET", "POST", "PUT"], "/api/inngest", serve({ ...inngestHandlers(darkroom), enableUnauthedSync: false }));

export default app;
// #endregion
