import type { JobOf, JobSnapshot, JobStatus } from "darkroom/client";
import type { generatePlushie } from "@/jobs/generate-plushie";
import { plushieShares } from "../../jobs/plushie-shares";
import { wordsOf } from "../../ui/problem-words";

/** The kind's name, as routes and hooks know it. */
export const plushieKind = "generate-plushie";
export type PlushieDefinition = typeof generatePlushie;
/** A plushie's job as a page sees it, input and output typed. */
export type PlushieJobSnapshot = JobOf<PlushieDefinition>;

/** The steps in the words of the house, in their order; the names are the job's own, and each begins at its share of the whole. */
export const plushieSteps = [
	{ name: "upload-original", label: "Photo into the tray", beginsAt: plushieShares["upload-original"] },
	{ name: "analyze-image", label: "Looking closely", beginsAt: plushieShares["analyze-image"] },
	{ name: "generate-plushie", label: "Sewing the plushie", beginsAt: plushieShares["generate-plushie"] },
	{ name: "upload-generated", label: "Fixing the picture", beginsAt: plushieShares["upload-generated"] },
	{ name: "finalize", label: "Hung up to dry", beginsAt: plushieShares.finalize },
] as const;

/**
 * How far a job will be, in percent, when what it is at now is done: the bar may creep there meanwhile, and is never past
 * what the job says next. Where it is while nothing is under way.
 */
export function reachOf({ status, progress }: Pick<PlushieJobSnapshot, "status" | "progress">): number {
	if (status !== "running") return progress;
	return plushieSteps.find(({ beginsAt }) => beginsAt > progress)?.beginsAt ?? 100;
}

/** The picture to show already: the finished one, or what a step has let see. */
export function plushieOf(job: {
	readonly output?: { readonly plushie: string };
	readonly steps: JobSnapshot["steps"];
}): string | undefined {
	return job.output?.plushie ?? job.steps.findLast((step) => step.preview !== undefined)?.preview;
}

/** Whether it may still come to something: it waits for its turn, or is under way. */
export function isActive({ status }: Pick<PlushieJobSnapshot, "status">): boolean {
	return status === "queued" || status === "running";
}

export const statusWords: Record<JobStatus, string> = {
	queued: "Waiting",
	running: "Developing",
	completed: "Done",
	failed: "Failed",
	cancelled: "Cancelled",
};

const heardOfNotes = 60;

/**
 * What tells a plushie from others where it is read out: what it shows, and before that is known what its maker asked for. The
 * moment when it was begun belongs beside it.
 */
export function spokenName({ status, input, output }: Pick<PlushieJobSnapshot, "status" | "input" | "output">): string {
	if (output) return output.description;
	const name = `${statusWords[status]} plushie`;
	const { notes } = input;
	if (!notes) return name;
	const heard = notes.length > heardOfNotes ? `${notes.slice(0, heardOfNotes).replace(/\s+\S*$/, "")} …` : notes;
	return `${name} “${heard}”`;
}

/** An estimate may be wrong by this much, ms, before a job takes longer than usual. */
const toleranceMs = 2_000;

/**
 * What is left of an estimate that came `passedMs` ago; negative when the job takes longer than usual, as it does when the
 * present step takes more than twice its share. Not less than its later steps need, as the server counts: a plushie in its
 * second step is not done at any moment. Undefined without an estimate.
 */
export function leftOf(
	{ etaMs, steps }: Pick<PlushieJobSnapshot, "etaMs" | "steps">,
	passedMs: number,
): number | undefined {
	if (etaMs === undefined) return undefined;
	const leftMs = etaMs - passedMs;
	if (leftMs < -toleranceMs) return leftMs;
	const stepsLeft = Math.max(1, plushieSteps.length - steps.filter((step) => step.status === "completed").length);
	const lateMs = passedMs - (2 * etaMs) / stepsLeft;
	if (stepsLeft > 1 && lateMs > toleranceMs) return -lateMs;
	return Math.max(leftMs, (etaMs * (stepsLeft - 1)) / stepsLeft);
}

/** `about 10 seconds left`, rounded so that it does not flicker; undefined when nothing is known. */
export function etaWords(etaMs: number | undefined): string | undefined {
	if (etaMs === undefined) return undefined;
	if (etaMs < -toleranceMs) return "taking longer than usual";
	if (etaMs < 2_000) return "any moment now";
	const seconds = Math.ceil(etaMs / 1_000);
	if (seconds <= 10) return `about ${seconds} seconds left`;
	if (seconds <= 55) return `about ${Math.ceil(seconds / 5) * 5} seconds left`;
	const minutes = Math.ceil(seconds / 60);
	return minutes === 1 ? "about a minute left" : `about ${minutes} minutes left`;
}

/** Without news for this long, ms, a maker wonders whether anybody is at work. */
const silentMs = 20_000;

/** What to think of a job of which nothing was heard for `passedMs`; undefined while that is nothing to wonder at. */
export function silenceWords(
	{ status, queuePosition = 0 }: Pick<PlushieJobSnapshot, "status" | "queuePosition">,
	passedMs: number,
): string | undefined {
	if (passedMs < silentMs) return undefined;
	if (status === "running") return stillRunning;
	return status === "queued" && queuePosition === 0 ? stillWaiting : undefined;
}

const stillRunning =
	"No news for a while. Some pictures take their time; and should the machine at work have stopped, another one takes over by itself. Nothing is lost, nor paid twice.";
const stillWaiting =
	"It should have begun by now, and will as soon as a machine is free for it. Nothing is paid before it is finished.";

/** Why it failed, in words for its maker; undefined where it did not, or the maker has stopped it. */
export function whyLost({ status, error }: Pick<JobSnapshot, "status" | "error">): string | undefined {
	if (status !== "failed" || !error) return undefined;
	return wordsOf({ code: error.code, detail: error.message }).detail;
}

/** What an end without a plushie cost, in a sentence. */
export function costWords({ charged, price }: Pick<JobSnapshot, "charged" | "price">): string {
	if (charged > 0) return `${charged} charged for what was delivered.`;
	if (price === 0) return "Nothing was charged.";
	return `Nothing was charged: your ${price === 1 ? "credit is" : "credits are"} back.`;
}

/**
 * What a maker needs to know of an end without a plushie: whether the same again can work, and otherwise what can, unless its
 * reason says so already.
 */
export function wayOn(job: Pick<JobSnapshot, "status" | "error">): WayOn {
	const { error } = job;
	if (job.status !== "failed" || !error || error.retryable) return { canRetry: true };
	return {
		canRetry: false,
		advice: isSaid.has(error.code) ? undefined : (adviceFor[error.code] ?? otherwise),
	};
}

export type WayOn = { readonly canRetry: true } | { readonly canRetry: false; readonly advice: string | undefined };

type Code = NonNullable<JobSnapshot["error"]>["code"];

/** Their messages say what to change. */
const isSaid: ReadonlySet<Code> = new Set(["moderated", "invalid_input"]);
const otherwise = "The same again would fail again. Take another photo or other notes.";
const adviceFor: Partial<Record<Code, string>> = {
	misconfigured: "This is not about your photo: whoever runs this Studio has to put it right first.",
};
