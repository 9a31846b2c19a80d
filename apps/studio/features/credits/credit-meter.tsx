"use client";

import { useCredits } from "darkroom/react";
import Link from "next/link";
import { cn } from "@/ui/class-names";
import { balanceWords, whyUnread } from "./balance-words";

/** The balance, in the header of every page, as live as the jobs that change it. */
export function CreditMeter() {
	const balance = useCredits();
	if (balance.isLoading) return <span aria-hidden className="skeleton h-9 w-28 rounded-full" />;
	const unread = whyUnread(balance);
	const isExhausted = unread === undefined && balance.available === 0;
	return (
		<Link
			href="/account#credits"
			title={unread}
			className={cn(
				"flex h-9 items-center gap-2 rounded-full border px-3.5 text-sm font-semibold whitespace-nowrap tabular-nums",
				isExhausted ? "border-amber/50 bg-amber-wash text-amber" : "border-line bg-sheet hover:border-edge",
				unread && "text-faded",
			)}
		>
			<span className="sr-only">Credits: </span>
			<span
				aria-hidden
				className={cn("size-2 rounded-full", unread ? "border border-edge" : isExhausted ? "bg-amber" : "bg-fixer")}
			/>
			{balance.isKnown ? balanceWords(balance) : "Not known just now"}
			{unread && balance.isKnown ? (
				<span className="font-normal">
					· <span className="sm:hidden">old</span>
					<span className="max-sm:hidden">not refreshed</span>
				</span>
			) : null}
		</Link>
	);
}
