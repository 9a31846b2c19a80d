import type { DarkroomError } from "../../core/errors.ts";
import { conflict, type InTheWay, insufficient, mismatch, noAsset, tooManyActive } from "../refusals.ts";

/** Why not, as SQL says it. */
export type Refused =
	| { readonly code: "not_found"; readonly asset: string }
	| { readonly code: "conflict"; readonly kind: string; readonly data: InTheWay }
	| { readonly code: "too_many_active"; readonly data: { readonly limit: number; readonly active: number } }
	| { readonly code: "insufficient_credits"; readonly data: { readonly needed: number; readonly available: number } }
	| { readonly code: "idempotency_mismatch"; readonly data: { readonly jobId: string } };

/** The same in the words of every store. */
export function toError(refused: Refused): DarkroomError {
	switch (refused.code) {
		case "not_found":
			return noAsset(refused.asset);
		case "conflict":
			return conflict(refused.kind, refused.data);
		case "too_many_active":
			return tooManyActive(refused.data.limit, refused.data.active);
		case "insufficient_credits":
			return insufficient(refused.data.needed, refused.data.available);
		case "idempotency_mismatch":
			return mismatch(refused.data.jobId);
	}
}
