"use client";

import { useCallback, useEffect, useState } from "react";
import { Button } from "@/ui/button";

/** Ms from one try to the next. */
const againMs = 4_000;

/** In place of a page that needs the database while that is away. The page comes back by itself. */
export function StoreAway() {
	const { isTrying, tryNow } = useReturn();
	return (
		<div className="mx-auto max-w-xl px-4 pt-20 pb-16 sm:px-6">
			<p className="edge-text text-faded">The light is off</p>
			<h1 className="mt-4 text-5xl">Out of reach for a moment</h1>
			<p className="mt-4 mb-8 text-lg text-faded" role="status">
				The Studio cannot reach its database at the moment. Nothing is lost; this page tries again by itself.
			</p>
			<Button variant="primary" disabled={isTrying} onClick={tryNow}>
				{isTrying ? "Trying…" : "Try again now"}
			</Button>
		</div>
	);
}

/** Loads the page anew as soon as what is behind it answers: no sooner, so that nothing flickers meanwhile. */
function useReturn() {
	const [isTrying, setTrying] = useState(false);
	const tryOnce = useCallback(async () => {
		// Whoever asks, it takes the session and a read: anything but a server's failure means that both are there.
		const answer = await fetch("/api/credits", { cache: "no-store" }).catch(() => null);
		if (answer !== null && answer.status < 500) window.location.reload();
	}, []);
	useEffect(() => {
		const timer = setInterval(() => void tryOnce(), againMs);
		return () => clearInterval(timer);
	}, [tryOnce]);
	const tryNow = useCallback(async () => {
		setTrying(true);
		await tryOnce();
		setTrying(false);
	}, [tryOnce]);
	return { isTrying, tryNow };
}
