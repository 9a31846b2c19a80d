import { DarkroomError } from "../core/errors.ts";
import type { Job, JobWithSteps } from "../core/job.ts";
import { isActive } from "../core/status.ts";
import { furthestPosition, type JobQuery, type Lease, type Store } from "../store/store.ts";
import {
	byTurn,
	type ModelJob,
	type ModelRows,
	toAsset,
	toJobWithSteps,
	toStep,
	versionOf,
} from "./model-rows.testsuite.ts";
import { noAsset } from "./model-transitions.testsuite.ts";

/** What is asked of the model's rows; each names its viewer. */
export function readsOf(rows: ModelRows) {
	const whole = (job: ModelJob): JobWithSteps => toJobWithSteps(job, rows.stepsOf(job.id));
	const version = (job: ModelJob): number => versionOf(job, rows.stepsOf(job.id));
	const byVersion = (a: ModelJob, b: ModelJob) => version(a) - version(b);

	return {
		readJob(viewer: string, jobId: string) {
			const job = rows.jobs.get(jobId);
			if (job?.owner === viewer) return whole(job);
			throw new DarkroomError("not_found", { detail: `There is no job ${jobId}.` });
		},
		listJobs({ viewer, kind, status, subject, before, limit }: JobQuery) {
			const isWanted = (job: ModelJob) =>
				job.owner === viewer &&
				(kind === undefined || job.kind === kind) &&
				(status === undefined || status.includes(job.status)) &&
				(subject === undefined || job.subject === subject) &&
				(before === undefined || job.id < before);
			return rows.jobsWhere(isWanted).reverse().slice(0, limit).map(whole);
		},
		listChanges: (viewer: string, change: number, limit: number, among?: readonly string[]) =>
			rows
				.jobsWhere((job) => job.owner === viewer && version(job) > change && (among?.includes(job.id) ?? true))
				.sort(byVersion)
				.slice(0, limit)
				.map(whole),
		readCursor: (_viewer: string) => rows.change,
		readQueuePosition(job: Job) {
			if (job.waitsFor === null || job.waitsFor === "time") return null;
			const me = { ...job } as unknown as ModelJob;
			const isBefore = (one: ModelJob) => one.kind === job.kind && byTurn(one, me) < 0 && one.id !== job.id;
			const ahead = rows.jobsWhere((one) => one.waitsFor === "worker" && isBefore(one)).length;
			const behind = rows.jobsWhere(
				(one) => one.waitsFor === "owner" && one.owner === job.owner && isBefore(one),
			).length;
			return Math.min(furthestPosition, ahead + (job.waitsFor === "owner" ? behind : 0));
		},
		countActive: (viewer: string, kind: string) =>
			rows.jobsWhere((job) => job.owner === viewer && job.kind === kind && isActive(job.status)).length,
		listDurations: (kind: string, limit: number) =>
			rows
				.jobsWhere((job) => job.kind === kind && job.status === "completed" && job.attempt === 1 && !job.isRetried)
				.reverse()
				.slice(0, limit)
				.map((job) => ({
					durationMs: (job.finishedAt ?? 0) - (job.startedAt ?? 0),
					steps: rows.stepsOf(job.id).length,
				})),
		listSteps({ jobId, leaseToken }: Lease) {
			if (rows.jobs.get(jobId)?.leaseToken === leaseToken) return rows.stepsOf(jobId).map(toStep);
			throw new DarkroomError("lease_lost", { detail: `Job ${jobId} is no longer this worker's.` });
		},
		listEntries: (viewer: string, limit: number) =>
			rows.entries
				.filter((entry) => entry.owner === viewer && entry.posted !== 0)
				.reverse()
				.slice(0, limit)
				.map(({ key: _, ...entry }) => ({ ...entry })),
		readAsset(viewer: string, assetId: string) {
			const asset = rows.assets.get(assetId);
			if (asset?.owner === viewer && asset.removedAt === null) return toAsset(asset);
			throw noAsset(assetId);
		},
		isAssetInUse: (viewer: string, assetId: string) =>
			rows.jobsWhere((job) => job.owner === viewer && job.input.includes(assetId)).length > 0,
	} satisfies { [Name in keyof Store]?: unknown };
}
