"use client";

import { isProblemError } from "darkroom/client";
import { useState } from "react";
import { toast } from "sonner";
import { noticeLostSession } from "@/features/account/session-lost";
import { wordsOf } from "./problem-words";

/** Runs what a button asks the server for: busy meanwhile, and a refusal is told in words. */
export function useAttempt() {
	const [isBusy, setBusy] = useState(false);
	async function attempt(what: () => Promise<unknown>): Promise<void> {
		setBusy(true);
		try {
			await what();
		} catch (error) {
			noticeLostSession(error);
			toast.error(isProblemError(error) ? wordsOf(error).detail : "That did not work. Please try again.");
		} finally {
			setBusy(false);
		}
	}
	return { isBusy, attempt };
}
