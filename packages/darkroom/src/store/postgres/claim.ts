import { leaseLost } from "../refusals.ts";
import type { JobRow } from "../rows.ts";
import type { Claim, Lease, Release } from "../store.ts";
import { type Woken, wokenChange } from "./answer.ts";
import type { Ask } from "./ask.ts";

interface Taken {
	readonly jobs: readonly JobRow[] | null;
	/** Others are there whose owners were locked this moment. */
	readonly is_more: boolean;
}

interface Released {
	readonly released: readonly (readonly [ord: number, change: number, isClaimable: boolean])[];
	readonly woken: readonly Woken[];
}

/** Distinguishes the claims of a turn, which may be many. */
let count = 0;

/** What a worker may take, keep and give back. */
export const claims = {
	/** The rows, and whether there are more that could not be taken this moment. */
	claim({
		kinds,
		limit,
		leaseExpiresAt,
		now,
		newLeaseToken,
	}: Claim): Ask<{ rows: readonly JobRow[]; isMore: boolean }> {
		const tokens = Array.from({ length: limit }, newLeaseToken);
		return {
			sort: "claims",
			owners: [],
			key: `claim ${count++}`,
			rows: [{ ord: 0, kinds, tokens, expires_at: leaseExpiresAt, at: now }],
			read: (answer, ord, note) => {
				const { jobs, is_more: isMore = false } = ((answer.value as Partial<Taken>[])[ord] ?? {}) as Partial<Taken>;
				const rows = jobs ?? [];
				for (const { owner, id, kind, change } of rows) note({ owner, jobId: id, change, kind, status: "running" });
				return { rows, isMore };
			},
		};
	},
	/** Of one owner: whoever keeps that owner's lock holds up no other's leases. The result is the tokens that are lost. */
	extend(owner: string, leases: readonly Lease[], leaseExpiresAt: number): Ask<string[]> {
		return {
			sort: "leases",
			owners: [owner],
			key: `leases ${owner}`,
			isImpatient: true,
			rows: leases.map((l) => ({ ord: 0, owner, id: l.jobId, token: l.leaseToken, expires_at: leaseExpiresAt })),
			read: (answer) => {
				const kept = new Set(answer.value as string[] | null);
				return leases.map((lease) => lease.leaseToken).filter((token) => !kept.has(token));
			},
		};
	},
	release(release: Release): Ask<void> {
		const { owner, kind, jobId, leaseToken, runAt, now } = release;
		return {
			sort: "releases",
			owners: [owner],
			key: `release ${jobId}`,
			lease: release,
			asOwner: (other) => claims.release({ ...release, owner: other }),
			rows: [{ ord: 0, owner, id: jobId, token: leaseToken, run_at: runAt, at: now }],
			read: (answer, ord, note) => {
				const released = answer.find(ord, (value) => (value as Released | null)?.released);
				if (!released) throw leaseLost(jobId);
				const [, change, claimable] = released;
				note({ owner, jobId, change, kind, status: "queued", claimable });
				for (const woken of answer.takeOnce((value) => (value as Released).woken)) note(wokenChange(woken));
			},
		};
	},
};
