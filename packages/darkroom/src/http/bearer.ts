import { createHash, timingSafeEqual } from "node:crypto";
import { DarkroomError } from "../core/errors.ts";

/**
 * Lets pass who sends `Authorization: Bearer <secret>`. Digests are compared, not texts, so that the time taken
 * tells neither how much of a guess is right nor how long the secret is. With no secret configured nobody passes.
 * @throws `bad_signature`
 */
export function requireBearer(request: Request, secret: string | undefined): void {
	const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
	if (secret && given !== undefined && timingSafeEqual(digest(given), digest(secret))) return;
	throw new DarkroomError("bad_signature", {
		detail: secret
			? 'Send the cron secret as "Authorization: Bearer …".'
			: "No cron secret is configured, so this route is closed. Set `cronSecret` to open it.",
	});
}

function digest(text: string): Buffer {
	return createHash("sha256").update(text).digest();
}
