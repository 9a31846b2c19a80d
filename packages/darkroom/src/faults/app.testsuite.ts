import { readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { files } from "../assets/files.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { isDarkroomError } from "../core/errors.ts";
import { createDarkroom } from "../create-darkroom.ts";
import type { EmbeddedOptions } from "../engine/embedded/options.ts";
import { type Address, openStore } from "./address.testsuite.ts";
import { createJobs, kinds, type Version } from "./jobs.testsuite.ts";
import { type Ordered, owners } from "./orders.testsuite.ts";

/**
 * An app's process, to which faults are done. Its task is its argument, its orders come on stdin, a line of JSON each.
 * What it says on stdout, a line each, is said after it is so and written before anything else happens, so that the
 * lines of a killed process can be believed:
 *
 *     ready                            ack <key> <job> <price>          refused <key> <code>
 *     step <job> <name> <attempt>      failed <job> <name> <attempt> <code>
 *     aborted <job> <code>             cancelled <job> <status>         idle
 *     retrying <job>                   retried <job>                    declined <job> cancel|retry <code>
 *
 * It lives until it is told to `finish`, is asked to end (SIGTERM), loses its stdin, or is killed.
 */
export interface Task {
	readonly address: Address;
	readonly effectsPath: string;
	readonly gatePath: string;
	readonly version: Version;
	/** How far its clock is ahead, in ms. */
	readonly clockAheadMs: number;
	readonly engine: EmbeddedOptions;
	readonly assets?: { readonly directory: string; readonly picturePath: string };
}

export type Command =
	| { readonly does: "submit"; readonly orders: readonly Ordered[] }
	| { readonly does: "cancel" | "retry"; readonly viewer: string; readonly jobId: string }
	/** What was asked before, and all that is active then; and it ends. */
	| { readonly does: "finish" };

const task = JSON.parse(process.argv[2] as string) as Task;
const lastLook = createLastLook();
const clock: Clock = { now: () => lastLook.look() + task.clockAheadMs, after: systemClock.after };
const picture = task.assets && readFileSync(task.assets.picturePath);
const darkroom = createDarkroom({
	jobs: createJobs({ ...task, say, picture, decidedAt: lastLook.at }),
	store: openStore(task.address),
	assets: task.assets && files(task.assets.directory),
	engine: task.engine,
	clock,
});

process.once("SIGTERM", () => void end(100));
const started = start();
const commands = createInterface({ input: process.stdin });
// The one who gives orders is gone.
commands.once("close", () => process.exit(0));
const underWay: Promise<void>[] = [];
commands.on("line", (line) => {
	const before = [...underWay];
	underWay.push(started.then(() => obey(JSON.parse(line) as Command, before)));
});

/**
 * When somebody looked at the clock last, in this very stretch of code, by the machine's own time. Who is frozen between the
 * look at its lease and the first line of a step has begun it before, and nothing could have told it otherwise.
 */
function createLastLook() {
	let at: number | undefined;
	return {
		look() {
			if (at === undefined) queueMicrotask(() => (at = undefined));
			at = Date.now();
			return at;
		},
		at: () => at ?? Date.now(),
	};
}

async function start(): Promise<void> {
	await whenever(() => darkroom.start());
	for (const owner of owners) {
		const amount = owner === "poor" ? 30 : 100_000;
		await whenever(() => darkroom.grantCredits({ owner, amount, key: "starter" }));
	}
	say("ready");
}

/** At once, and whole: who listens may be behind, and then the pipe is full. */
function say(line: string): void {
	const bytes = Buffer.from(`${line}\n`);
	for (let written = 0; written < bytes.length; ) {
		try {
			written += writeSync(1, bytes, written);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
		}
	}
}

async function obey(command: Command, before: readonly Promise<void>[]): Promise<void> {
	if (command.does === "submit") return submitAll(command.orders);
	if (command.does === "finish") {
		await Promise.all(before);
		return finish();
	}
	const { viewer, jobId } = command;
	try {
		if (command.does === "cancel") say(`cancelled ${jobId} ${(await darkroom.cancelJob({ viewer, jobId })).status}`);
		else {
			say(`retrying ${jobId}`);
			await darkroom.retryJob({ viewer, jobId });
			say(`retried ${jobId}`);
		}
	} catch (error) {
		if (!isDarkroomError(error)) throw error;
		say(`declined ${jobId} ${command.does} ${error.code}`);
	}
}

async function submitAll(orders: readonly Ordered[]): Promise<void> {
	// A few at once, so that they share commits with each other and with the steps of those before.
	for (let i = 0; i < orders.length; i += 4) {
		await Promise.all(orders.slice(i, i + 4).map(submit));
		await turn();
	}
}

async function submit({ owner, kind, order }: Ordered): Promise<void> {
	try {
		const { id, price } = await darkroom.submit(kind, { owner, input: order, idempotencyKey: order.key });
		say(`ack ${order.key} ${id} ${price}`);
	} catch (error) {
		if (!isDarkroomError(error)) throw error;
		say(`refused ${order.key} ${error.code}`);
	}
}

async function finish(): Promise<void> {
	for (const viewer of owners) {
		for (const kind of kinds) {
			while ((await whenever(() => darkroom.getActivity({ viewer, kind }))).active > 0) await pause(20);
		}
	}
	say("idle");
	await end(1_000);
}

async function end(graceMs: number): Promise<void> {
	await darkroom.stop({ graceMs });
	process.exit(0);
}

/** Again, for as long as the store is away. */
async function whenever<Result>(work: () => Promise<Result>): Promise<Result> {
	for (;;) {
		try {
			return await work();
		} catch (error) {
			if (!isDarkroomError(error, "store_unavailable")) throw error;
			await pause(100);
		}
	}
}
