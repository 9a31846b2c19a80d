"use client";

import { isStoreAway } from "@/features/site/store-away";
import { StoreAway } from "@/features/site/store-away-page";
import { Button } from "@/ui/button";

interface Props {
	readonly error: unknown;
	readonly retry: () => void;
}

/** Next shows this in place of a page that could not be rendered; the server's log has the reason. */
export default function PageFailed({ error, retry }: Props) {
	if (isStoreAway(error)) return <StoreAway />;
	return (
		<div className="mx-auto max-w-xl px-4 pt-20 pb-16 sm:px-6">
			<p className="edge-text text-faded">Light leak</p>
			<h1 className="mt-4 text-5xl">Something let the light in</h1>
			<p className="mt-4 mb-8 text-lg text-faded">
				This page could not be shown. Whatever you have started goes on, and nothing is lost.
			</p>
			<Button variant="primary" onClick={() => retry()}>
				Try again
			</Button>
		</div>
	);
}
