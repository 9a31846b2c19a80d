"use client";
import { createContext, createElement, type ReactElement, type ReactNode, useContext } from "react";
import { createClient, type DarkroomClient } from "../client/client.ts";

const ClientContext = createContext<DarkroomClient | null>(null);
let defaultClient: DarkroomClient | undefined;

export interface DarkroomProviderProps {
	/** From `createClient({ baseUrl, … })`, made once, outside of components. */
	readonly client: DarkroomClient;
	readonly children?: ReactNode;
}

/** Gives the hooks below it a client. Needed only when the handler is not mounted at `/api` of the same site. */
export function DarkroomProvider({ client, children }: DarkroomProviderProps): ReactElement {
	return createElement(ClientContext.Provider, { value: client }, children);
}

/** The client of the nearest provider; without one, the page's default client, which talks to `/api`. */
export function useDarkroomClient(): DarkroomClient {
	const given = useContext(ClientContext);
	if (given) return given;
	defaultClient ??= createClient();
	return defaultClient;
}
