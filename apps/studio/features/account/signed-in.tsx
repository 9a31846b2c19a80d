"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { buttonStyle } from "@/ui/button-style";
import { signInPath, useSessionLost } from "./session-lost";

/** What only somebody who is signed in has use for; the way to sign in as soon as the session turns out to be over. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
	const path = usePathname();
	if (!useSessionLost()) return children;
	return (
		<Link href={signInPath(path)} className={buttonStyle({ variant: "quiet", size: "small" })}>
			Sign in
		</Link>
	);
}
