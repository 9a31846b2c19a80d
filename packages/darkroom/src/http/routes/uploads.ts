import { openMultipartFile } from "../../assets/multipart.ts";
import { uploadTooLarge } from "../../assets/upload.ts";
import { answerJson } from "../json-answer.ts";
import type { UploadAnswer } from "../protocol.ts";
import type { ViewerExchange, ViewerRoute } from "../route.ts";

export const uploadRoutes: readonly ViewerRoute[] = [
	{ access: "viewer", method: "POST", path: "/uploads", handle: upload },
];

/** What a form may add to its file: boundaries, part headers, a few small fields. Bytes. */
const multipartAllowance = 64 * 1024;

async function upload({ request, viewer, server }: ViewerExchange): Promise<Response> {
	const { darkroom, basePath } = server;
	if (Number(request.headers.get("content-length")) > darkroom.uploadLimitBytes + multipartAllowance) {
		throw uploadTooLarge(darkroom.uploadLimitBytes);
	}
	const asset = await darkroom.uploadAsset({ owner: viewer, body: await openMultipartFile(request) });
	return answerJson({ asset } satisfies UploadAnswer, {
		status: 201,
		headers: { location: `${basePath}/assets/${asset.id}` },
	});
}
