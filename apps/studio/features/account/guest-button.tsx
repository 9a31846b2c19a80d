"use client";

import { type ReactNode, useState } from "react";
import { toast } from "sonner";
import { Button } from "@/ui/button";
import { authClient, enter } from "./auth-client";
import { refusalOf, sentenceFor } from "./refusal";

interface Props {
	readonly children: ReactNode;
	/** Default: the plushie page. */
	readonly next?: string;
	readonly size?: "regular" | "large";
	readonly variant?: "primary" | "plain";
	readonly className?: string;
}

/** One click, and one is in. */
export function GuestButton({ children, next = "/plushies", size, variant = "primary", className }: Props) {
	const [isBusy, setBusy] = useState(false);
	async function start() {
		setBusy(true);
		const refusal = await refusalOf(authClient.signIn.anonymous());
		if (!refusal) return enter(next);
		setBusy(false);
		toast.error(sentenceFor(refusal, "Too many new guests at once. Please wait a minute."));
	}
	return (
		<Button variant={variant} size={size} className={className} disabled={isBusy} onClick={start}>
			{isBusy ? "One moment…" : children}
		</Button>
	);
}
