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
	const isBrowser = useSyncExternalStore(
		never,
		() => true,
		() => false,
	);
	const moment = new Date(at);
	const format = isShort ? shortFormat : longFormat;
	const text = isBrowser
		? moment.toLocaleString(undefined, format)
		: moment.toLocaleString("en-GB", { ...format, timeZone: "UTC" });
	return <time dateTime={at}>{text}</time>;
}
