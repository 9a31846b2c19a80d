import type { ErrorCode } from "../../core/errors.ts";

/** What an owner's request may be answered with where many ask at random; anything else is a fault. */
export const ownersRefusals: readonly ErrorCode[] = [
	"conflict",
	"too_many_active",
	"insufficient_credits",
	"idempotency_mismatch",
	"invalid_transition",
	"not_found",
];
