/**
 * The origins that a request's own pages can come from: its host, by either scheme, because a proxy may end TLS.
 * Next tells its handlers that every request came to `localhost`, so the host that the browser really used stands
 * only in the headers; and those a page of another site cannot choose.
 */
export function ownOrigins(headers: Headers | undefined): string[] {
	const hosts = [headers?.get("host"), headers?.get("x-forwarded-host")?.split(",")[0]?.trim()];
	return hosts
		.filter((host): host is string => typeof host === "string" && /^[a-z0-9.:[\]-]+$/i.test(host))
		.flatMap((host) => [`http://${host}`, `https://${host}`]);
}
