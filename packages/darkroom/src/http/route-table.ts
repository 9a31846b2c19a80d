import type { Route } from "./route.ts";
import { assetRoutes } from "./routes/assets.ts";
import { creditRoutes } from "./routes/credits.ts";
import { cronRoutes } from "./routes/cron.ts";
import { eventRoutes } from "./routes/events.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { uploadRoutes } from "./routes/uploads.ts";

/** Everything that the handler answers; a test holds each viewer's route to what is the viewer's own. */
export const routeTable: readonly Route[] = [
	...jobRoutes,
	...eventRoutes,
	...uploadRoutes,
	...assetRoutes,
	...creditRoutes,
	...cronRoutes,
];
