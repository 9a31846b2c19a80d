"use client";

import { createContext, type ReactNode, useContext } from "react";

const IsGuest = createContext(false);

interface Props {
	/** False for an account, and where nobody is signed in. */
	readonly isGuest: boolean;
	readonly children: ReactNode;
}

/** Tells what is within whether a guest looks at it. Signing in and up load the page anew, so it never changes. */
export function GuestProvider({ isGuest, children }: Props) {
	return <IsGuest value={isGuest}>{children}</IsGuest>;
}

export function useIsGuest(): boolean {
	return useContext(IsGuest);
}
