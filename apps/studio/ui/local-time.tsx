"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};

/**
 * A moment as its reader's clock and language tell it. The server knows neither, so it renders UTC, and the
 * browser puts its own in right after hydration, without a mismatch.
 */
export function LocalTime({ at, style = "medium" }: { readonly at: string; readonly style?: "short" | "medium" }) {
	const isBrowser = useSyncExternalStore(
		never,
		() => true,
		() => false,
	);
	const moment = new Date(at);
	const text = isBrowser
		? moment.toLocaleString(undefined, { dateStyle: style, timeStyle: "short" })
		: moment.toLocaleString("en-GB", { dateStyle: style, timeStyle: "short", timeZone: "UTC" });
	return <time dateTime={at}>{text}</time>;
}
