"use client";

import { useState } from "react";
import { forgetDrafts } from "@/features/plushie/draft";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { authClient, enter } from "./auth-client";

/** A guest has no way back to what was made, so leaving is asked about first. */
export function SignOutButton({ isGuest }: { readonly isGuest: boolean }) {
	const [isBusy, setBusy] = useState(false);
	async function leave() {
		setBusy(true);
		await authClient.signOut();
		forgetDrafts(sessionStorage);
		enter("/");
	}
	if (!isGuest) {
		return (
			<Button onClick={leave} disabled={isBusy}>
				Sign out
			</Button>
		);
	}
	return (
		<ConfirmDialog
			trigger={<Button disabled={isBusy}>Leave as guest</Button>}
			title="Leave without an account?"
			description="Without an e-mail there is no way back to your plushies and credits. Create an account to keep them."
			confirm="Leave anyway"
			onConfirm={leave}
		/>
	);
}
