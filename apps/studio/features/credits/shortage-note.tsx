"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { Shortage } from "./balance-words";

/** Why a generation cannot begin, with the link to what a guest has to do first. */
export function ShortageNote({ shortage }: { readonly shortage: Shortage }) {
	const path = usePathname();
	if (!shortage.needsAccount) return shortage.words;
	return (
		<>
			{shortage.words}{" "}
			<Link href={`/sign-up?next=${encodeURIComponent(path)}`} className="font-semibold underline underline-offset-3">
				Create an account
			</Link>
		</>
	);
}
