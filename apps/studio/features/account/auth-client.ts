import { anonymousClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";
import { beginAtHeading } from "@/ui/focus-trail";

export const authClient = createAuthClient({ plugins: [anonymousClient()] });

/**
 * Goes on as somebody else. A whole page load, because everything that was fetched so far belongs to whoever was
 * signed in before.
 */
export function enter(path: string): void {
	beginAtHeading();
	window.location.assign(path);
}
