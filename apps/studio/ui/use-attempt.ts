"use client";

import { isProblemError } from "darkroom/client";
import { useState } from "react";
import { toast } from "sonner";
import { noticeLostSession } from "@/features/account/session-lost";

/** Runs what a button asks the server for: busy meanwhile, and a refusal is told in the server's own sentence. */
export function useAttempt() {
	const [isBusy, setBusy] = useState(false);
	async function attempt(what: () => Promise<unknown>): Promise<void> {
		setBusy(true);
		try {
			await what();
		} catch (error) {
			noticeLostSession(error);
			toast.error(isProblemError(error) ? error.detail : "That did not work. Please try again.");
		} finally {
			setBusy(false);
		}
	}
	return { isBusy, attempt };
}
