"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};
const longFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };
const shortFormat: Intl.DateTimeFormatOptions = {
	day: "numeric",
	month: "short",
	hour: "numeric",
	minute: "2-digit",
};

/**
 * A moment as its reader's clock and language tell it; a short one without the year. The server knows neither, so
 * it renders UTC, and the browser puts its own in right after hydration, without a mismatch.
 */
export function LocalTime({ at, isShort = false }: { readonly at: string; readonly isShort?: boolean }) {
	return <time dateTime={at}>{useLocalTime(at, isShort ? "short" : "long")}</time>;
}

/** The same as a text, for what is only read out. */
export function useLocalTime(at: string, length: "short" | "long"): string {
	const isBrowser = useSyncExternalStore(
		never,
		() => true,
		() => false,
	);
	const moment = new Date(at);
	const format = length === "short" ? shortFormat : longFormat;
	return isBrowser
		? moment.toLocaleString(undefined, format)
		: moment.toLocaleString("en-GB", { ...format, timeZone: "UTC" });
}
