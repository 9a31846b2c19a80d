import { DarkroomError, isDarkroomError } from "darkroom";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { getAuth, keepPromise } from "./auth";
import { reading } from "./reading";

/** Who is looking, as pages and components need to know it. */
export interface Viewer {
	readonly id: string;
	readonly name: string;
	/** Null for a guest. */
	readonly email: string | null;
	readonly isGuest: boolean;
}

/** The signed-in person or guest of this request, or null. Asked once a request, however many components ask. */
export const currentViewer = cache(async (): Promise<Viewer | null> => reading(viewerOf(await headers())));

/** The same for what is round every page, and must be there to say so: undefined where the database is away. */
export async function viewerIfKnown(): Promise<Viewer | null | undefined> {
	try {
		return await currentViewer();
	} catch (error) {
		if (isDarkroomError(error, "store_unavailable")) return undefined;
		throw error;
	}
}

/** For pages that need somebody: everybody else signs in first and comes back. `path` is where to. */
export async function requireViewer(path: string): Promise<Viewer> {
	return (await currentViewer()) ?? redirect(`/sign-in?next=${encodeURIComponent(path)}`);
}

/** The owner of what a request to the API reads and makes; null is answered with 401. */
export async function sessionUserId(request: Request): Promise<string | null> {
	return (await viewerOf(request.headers))?.id ?? null;
}

/** @throws `store_unavailable`, also where what the user was promised could not be given yet */
async function viewerOf(requestHeaders: Headers): Promise<Viewer | null> {
	// Most requests of strangers carry no session at all: they cost nothing.
	if (!requestHeaders.get("cookie")?.includes("session_token")) return null;
	const session = await readSession(requestHeaders);
	if (!session) return null;
	await keepPromise(session.user);
	const { id, name, email, isAnonymous } = session.user;
	const isGuest = isAnonymous === true;
	return { id, name: isGuest ? "Guest" : name, email: isGuest ? null : email, isGuest };
}

/** @throws `store_unavailable` where sessions cannot be read: who this is will be known again when the database is back. */
async function readSession(requestHeaders: Headers) {
	const auth = await getAuth();
	try {
		return await auth.api.getSession({ headers: requestHeaders });
	} catch (cause) {
		throw new DarkroomError("store_unavailable", {
			detail: "Sessions cannot be read at the moment. Try again shortly.",
			retryAfterMs: 1_000,
			cause,
		});
	}
}
