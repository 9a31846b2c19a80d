import type { Clock } from "../core/clock.ts";
import { DarkroomError, isDarkroomError } from "../core/errors.ts";
import { type Ids, isId } from "../core/ids.ts";
import type { Job, JobSnapshot, JobWithSteps } from "../core/job.ts";
import { toRowJson } from "../core/json.ts";
import type { LogFields, Logger } from "../core/logger.ts";
import type { KindHistory } from "../core/progress.ts";
import { parseNow } from "../core/schema.ts";
import { isActive } from "../core/status.ts";
import type { Store, Submission, Submitted } from "../store/store.ts";
import type { JobPage, JobRequest, ListRequest, SubmitRequest } from "./darkroom.ts";
import type { AnyJobDefinition } from "./define-job.ts";
import { deliveredBy } from "./delivered.ts";
import type { Offers } from "./engine.ts";
import type { History } from "./history.ts";
import { toSnapshot } from "./snapshot.ts";

const defaultPage = 20;
const largestPage = 100;
const longestKey = 200;

export interface JobServiceOptions {
	readonly store: Store;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly history: History;
	readonly definitions: ReadonlyMap<string, AnyJobDefinition>;
	readonly offers: Offers;
	readonly ids: Pick<Ids, "newId">;
}

export type JobService = ReturnType<typeof createJobService>;

/** What people ask of jobs, in terms of the store's transitions. */
export function createJobService({ store, clock, logger, history, definitions, offers, ids }: JobServiceOptions) {
	const definitionOf = (kind: string) => findDefinition(definitions, kind);

	async function snapshot(found: JobWithSteps): Promise<JobSnapshot> {
		const queuePosition = found.job.status === "queued" ? await store.readQueuePosition(found.job) : null;
		return snapshotAt(found, queuePosition);
	}

	function snapshotAt(found: JobWithSteps, queuePosition: number | null): JobSnapshot {
		return toSnapshot(found, { history: history.of(found.job.kind), queuePosition, now: clock.now() });
	}

	/** A job that was there already is read again, with its steps; but not from outside a transaction that is still open. */
	function answer({ job, created }: Submitted, isWithin: boolean): JobSnapshot | Promise<JobSnapshot> {
		return created || isWithin ? snapshotAt({ job, steps: [] }, null) : store.readJob(job.owner, job.id).then(snapshot);
	}

	async function submit(kind: string, request: SubmitRequest): Promise<JobSnapshot> {
		const definition = definitionOf(kind);
		const parsed = parseNow(definition.input, request.input, "input");
		const input = parsed instanceof Promise ? await parsed : parsed;
		// In a transaction of the app's own the job may not run before the app commits.
		const offer = request.client === undefined ? offers.offer() : null;
		let submitted: Submitted;
		try {
			const now = clock.now();
			const submission = toSubmission(definition, request, input, { id: ids.newId(now), now, offer }, history.of(kind));
			submitted = await store.submitJob(submission, request.client);
		} catch (error) {
			if (offer) offers.giveBack();
			throw error;
		}
		// Before it is taken on, so that its lines come in the order of its life.
		if (submitted.created) logger.info({ jobId: submitted.job.id, kind }, "job submitted");
		if (offer && submitted.claimed) offers.take(submitted.job);
		else if (offer) offers.giveBack();
		return answer(submitted, request.client !== undefined);
	}

	return {
		snapshot,
		submit,
		async get({ viewer, jobId }: JobRequest): Promise<JobSnapshot> {
			const found = await store.readJob(viewer, jobId);
			return found.job.status === "queued" ? snapshot(found) : snapshotAt(found, null);
		},
		async list(request: ListRequest): Promise<JobPage> {
			const limit = Math.min(largestPage, Math.max(1, request.limit ?? defaultPage));
			const { viewer, kind, status, subject, cursor: before } = request;
			checkCursor(before);
			// One more than asked for tells whether there is a next page.
			const found = await store.listJobs({ viewer, kind, status, subject, before, limit: limit + 1 });
			const jobs = await Promise.all(found.slice(0, limit).map(snapshot));
			return { jobs, nextCursor: found.length > limit ? (jobs.at(-1)?.id ?? null) : null };
		},
		async cancel({ viewer, jobId }: JobRequest): Promise<JobSnapshot> {
			const found = await store.readJob(viewer, jobId);
			const due = deliveredBy(found, definitions, logger);
			const now = clock.now();
			const cancelled = await store.cancelJob({ viewer, jobId, due, now });
			if (isEndedBy(cancelled.job, found.job, now)) logger.info(endOf(cancelled.job), "job cancelled");
			return snapshot(cancelled);
		},
		async retry({ viewer, jobId }: JobRequest): Promise<JobSnapshot> {
			const { job } = await store.readJob(viewer, jobId);
			const { activePerOwner } = definitionOf(job.kind);
			const retried = await store.retryJob({ viewer, jobId, now: clock.now(), activePerOwner });
			logger.info({ jobId, kind: job.kind }, "job retried");
			return snapshot(retried);
		},
		async clear({ viewer, subject }: { readonly viewer: string; readonly subject: string }): Promise<JobSnapshot> {
			const cleared = await store.clearSubject({ viewer, subject, now: clock.now() });
			logger.info(endOf(cleared.job), "job cleared");
			return snapshot(cleared);
		},
		async activity({ viewer, kind }: { readonly viewer: string; readonly kind: string }) {
			const { activePerOwner: limit } = definitionOf(kind);
			return { active: await store.countActive(viewer, kind), limit };
		},
		/** Removes the job, and says which assets nothing names any more. */
		async remove({ viewer, jobId }: JobRequest): Promise<string[]> {
			const removed = await store.deleteJob({ viewer, jobId, now: clock.now() });
			return unusedAssets(store, viewer, removed);
		},
	};
}

/** @throws `unknown_kind` */
function findDefinition(definitions: ReadonlyMap<string, AnyJobDefinition>, kind: string): AnyJobDefinition {
	const definition = definitions.get(kind);
	if (definition) return definition;
	throw new DarkroomError("unknown_kind", {
		detail: `There is no kind of job "${kind}". Known: ${[...definitions.keys()].join(", ") || "none"}.`,
	});
}

/** Whether it was this cancel, of this moment, that ended the job, and neither its worker nor another cancel that came first. */
function isEndedBy(cancelled: Job, before: Job, now: number): boolean {
	return isActive(before.status) && cancelled.status === "cancelled" && cancelled.finishedAt === now;
}

function endOf({ id: jobId, kind, charged }: Job): LogFields {
	return { jobId, kind, charged };
}

/** Assets that only this job had named. */
async function unusedAssets(store: Store, viewer: string, removed: JobWithSteps): Promise<string[]> {
	const named = new Set<string>();
	collectIds([removed.job.input, removed.job.output, ...removed.steps.flatMap((s) => [s.output, s.preview])], named);
	const unused: string[] = [];
	for (const id of named) if (!(await store.isAssetInUse(viewer, id))) unused.push(id);
	return unused;
}

function toSubmission(
	definition: AnyJobDefinition,
	request: SubmitRequest,
	input: unknown,
	{ id, now, offer }: Pick<Submission, "id" | "now" | "offer">,
	history: KindHistory | undefined,
): Submission {
	const { kind, charge, activePerOwner, runningPerOwner, staleAfterMs, queueTimeoutMs, timeoutMs, maxAttempts } =
		definition;
	return {
		id,
		kind,
		owner: request.owner,
		subject: definition.subject?.(input) ?? null,
		staleAfterMs,
		idempotencyKey: checkKey(request.idempotencyKey),
		input: toInputJson(input),
		assets: definition.assets?.(input) ?? [],
		price: checkPrice(definition, input),
		charge,
		activePerOwner,
		runningPerOwner,
		priority: checkWhole("priority", request.priority ?? definition.priority),
		runAt: checkWhole("runAt", request.runAt ?? now),
		queueTimeoutMs,
		timeoutMs,
		maxAttempts,
		expectedSteps: history?.steps ?? null,
		now,
		offer,
	};
}

/** To the one who asked, bytes in an input are their fault, and the input is what is wrong. */
function toInputJson(input: unknown): string {
	try {
		return toRowJson(input, "input");
	} catch (cause) {
		if (!isDarkroomError(cause, "bytes_in_row")) throw cause;
		throw new DarkroomError("invalid_input", {
			detail: "The input holds bytes. Upload them, and give the asset's id.",
			data: { issues: [{ path: "", message: "Bytes are not allowed here" }] },
			cause,
		});
	}
}

function checkKey(key: string | undefined): string | null {
	if (key === undefined) return null;
	if (key.length >= 1 && key.length <= longestKey) return key;
	throw new DarkroomError("invalid_input", {
		detail: `The idempotency key has ${key.length} characters; it must have 1 to ${longestKey}.`,
		data: { issues: [{ path: "idempotencyKey", message: `1 to ${longestKey} characters` }] },
	});
}

function checkCursor(cursor: string | undefined): void {
	if (cursor === undefined || isId(cursor)) return;
	throw new DarkroomError("invalid_input", {
		detail: "The cursor is not one that a list answered with.",
		data: { issues: [{ path: "cursor", message: "Not a cursor" }] },
	});
}

function checkWhole(name: "priority" | "runAt", value: number): number {
	if (Number.isSafeInteger(value)) return value;
	throw new DarkroomError("invalid_input", {
		detail: `${name} is ${value}; it must be a whole number.`,
		data: { issues: [{ path: name, message: "Must be a whole number" }] },
	});
}

function checkPrice(definition: AnyJobDefinition, input: unknown): number {
	const price = definition.price(input);
	if (Number.isSafeInteger(price) && price >= 0) return price;
	throw new DarkroomError("misconfigured", {
		detail: `The price of ${definition.kind} came out as ${price}; it must be a whole number of credits, 0 or more.`,
	});
}

function collectIds(value: unknown, into: Set<string>): void {
	if (typeof value === "string") {
		if (isId(value)) into.add(value);
	} else if (typeof value === "object" && value !== null) {
		for (const part of Object.values(value)) collectIds(part, into);
	}
}
