import { answerJson } from "../json-answer.ts";
import type { CreditsAnswer } from "../protocol.ts";
import type { ViewerRoute } from "../route.ts";

export const creditRoutes: readonly ViewerRoute[] = [
	{
		access: "viewer",
		method: "GET",
		path: "/credits",
		handle: async ({ viewer, server }) =>
			answerJson((await server.darkroom.getBalance(viewer)) satisfies CreditsAnswer),
	},
];
