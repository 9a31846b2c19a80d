/** Where to go after signing in: a path of this site, never an address that somebody put into a link. */
export function nextPath(value: string | string[] | undefined): string {
	if (typeof value !== "string" || !/^\/(?![/\\])/.test(value)) return "/plushies";
	const url = new URL(value, "http://studio.invalid");
	return url.host === "studio.invalid" ? url.pathname + url.search : "/plushies";
}
