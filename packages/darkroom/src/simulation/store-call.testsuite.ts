import type { Store } from "../store/store.ts";

/** What is asked of a store, and not how it is opened, closed or listened to. */
export type Method = Exclude<keyof Store, "name" | "open" | "close" | "leasePrefix" | "onChange" | "onElsewhere">;

/** Every method of the interface; the compiler sees to it that none is missing. */
export const methods: Readonly<Record<Method, "transition" | "read">> = {
	submitJob: "transition",
	claimJobs: "transition",
	extendLeases: "transition",
	startStep: "transition",
	completeStep: "transition",
	failStep: "transition",
	reportProgress: "transition",
	releaseJob: "transition",
	completeJob: "transition",
	failJob: "transition",
	cancelJob: "transition",
	retryJob: "transition",
	clearSubject: "transition",
	deleteJob: "transition",
	sweep: "transition",
	takeDispatches: "transition",
	beginRun: "transition",
	endRun: "transition",
	grantCredits: "transition",
	transferOwner: "transition",
	createAsset: "transition",
	keepAsset: "transition",
	removeAsset: "transition",
	deleteAsset: "transition",
	takeOrphanAssets: "transition",
	readJob: "read",
	readRun: "read",
	findOwners: "read",
	listJobs: "read",
	listChanges: "read",
	readCursor: "read",
	readQueuePosition: "read",
	countActive: "read",
	listDurations: "read",
	listSteps: "read",
	readBalance: "read",
	listEntries: "read",
	readAsset: "read",
	isAssetInUse: "read",
};

/** A transition that was asked for. */
export interface StoreCall {
	readonly method: Method;
	readonly args: readonly unknown[];
	readonly resolve: (answer: unknown) => void;
	readonly reject: (error: unknown) => void;
	/** Those of its leases that were held in the moment before it was committed. */
	held: ReadonlySet<string> | undefined;
	/** Changes that it told of, where it was a commit of its own. */
	changes: number;
	/** Whether it was a commit of its own, so that nothing of the same commit can have come before it. */
	isAlone: boolean;
}
