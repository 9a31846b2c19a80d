import type { AssetSnapshot } from "../../core/asset.ts";
import { DarkroomError } from "../../core/errors.ts";
import { assetEtag, noneMatchNames } from "../etag.ts";
import { parameter, readQuery, wholeNumber } from "../query.ts";
import { parseRange } from "../range.ts";
import type { ViewerExchange, ViewerRoute } from "../route.ts";

export const assetRoutes: readonly ViewerRoute[] = [
	{ access: "viewer", method: "GET", path: "/assets/:id", handle: read },
];

/** Characters, without the ending. */
const longestFileName = 100;

const showing = {
	w: wholeNumber("must be a whole number of pixels from 1 to 10000", { from: 1, to: 10_000 }).optional(),
	download: parameter.optional(),
};

/**
 * The bytes, a part of them, or a thumbnail (`?w=`, always whole). The row is read first, whatever the browser has
 * kept: a tag or a range of someone else's asset is answered with 404 like the asset itself.
 */
async function read({ request, param, query, viewer, server }: ViewerExchange): Promise<Response> {
	const { w: width, download } = await readQuery(showing, query());
	const asset = await server.darkroom.getAsset(viewer, param("id"));
	const etag = assetEtag(asset.id, width);
	const headers = headersOf(asset, etag, download);
	if (noneMatchNames(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });

	const range = width === undefined ? rangeOf(request, asset.size, etag) : undefined;
	if (range === "unsatisfiable") {
		throw new DarkroomError("range_not_satisfiable", {
			detail: `The file has ${asset.size} bytes, and none of them is in this range. Ask for a part of these, or for the whole.`,
			data: { size: asset.size },
		});
	}
	const opened = await server.darkroom.openAsset({
		viewer,
		assetId: asset.id,
		...(width === undefined ? {} : { width }),
		...(range === undefined ? {} : { range: () => range }),
	});
	headers["content-type"] = opened.contentType;
	if (width === undefined) headers["accept-ranges"] = "bytes";
	if (!opened.range)
		return new Response(opened.body, { headers: { ...headers, "content-length": String(opened.size) } });
	const { start, end } = opened.range;
	headers["content-range"] = `bytes ${start}-${end}/${opened.size}`;
	headers["content-length"] = String(end - start + 1);
	return new Response(opened.body, { status: 206, headers });
}

/** With `If-Range` a part is wanted only of the very bytes that the sender has the other parts of. */
function rangeOf(request: Request, size: number, etag: string) {
	const ifRange = request.headers.get("if-range");
	if (ifRange !== null && ifRange !== etag) return undefined;
	return parseRange(request.headers.get("range"), size);
}

/** The bytes came from people and models: they are shown as what they are, and never run as a page of this site. */
function headersOf(asset: AssetSnapshot, etag: string, download: string | undefined): Record<string, string> {
	const name = `${fileName(download) || asset.id}.${asset.contentType.split("/")[1] ?? "bin"}`;
	return {
		etag,
		"cache-control": "private, max-age=31536000, immutable",
		"content-disposition": download !== undefined ? `attachment; filename="${name}"` : "inline",
		"content-security-policy": "default-src 'none'; sandbox",
		"x-content-type-options": "nosniff",
	};
}

/** Only what a header and every file system take as it is. */
function fileName(wanted = ""): string {
	return wanted
		.replace(/[^A-Za-z0-9 ._-]/g, "")
		.replace(/^[ .]+|[ .]+$/g, "")
		.slice(0, longestFileName);
}
