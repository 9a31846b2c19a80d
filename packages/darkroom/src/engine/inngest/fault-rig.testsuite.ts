import { expect, vi } from "vitest";
import type { JobSnapshot } from "../../core/job.ts";
import type { InngestServer } from "../../testing/inngest-server.testsuite.ts";
import { createSqliteDatabase } from "../suite/databases.testsuite.ts";
import { owner, type Process, Rig } from "../suite/rig.testsuite.ts";
import { InngestUnderTest, type InngestUnderTestOptions, type SentBatch } from "./create-inngest.testsuite.ts";

/** Each second of the tests' clock is a round of real requests, which a machine that is busy elsewhere may take long for. */
const limitMs = 90_000;
/** Credits that `withCredits` grants. */
const granted = 1_000;

/** The engines' rig, with a hand on the Inngest behind it. */
export class FaultRig {
	readonly #rig: Rig;
	#inngest: InngestUnderTest | undefined;
	#databasePath = "";

	private constructor(options: InngestUnderTestOptions) {
		const createEngine = () => {
			this.#inngest = new InngestUnderTest(options);
			return this.#inngest;
		};
		this.#rig = Rig.use(createEngine, () => {
			const database = createSqliteDatabase();
			this.#databasePath = database.path;
			return database;
		});
	}

	/** To be called in a file or a `describe`. */
	static use(options: InngestUnderTestOptions = {}): FaultRig {
		vi.setConfig({ testTimeout: limitMs, hookTimeout: limitMs });
		return new FaultRig(options);
	}

	/** A process that has begun, the server that knows it, and an owner who can pay. */
	async start(options: Parameters<Rig["open"]>[0]): Promise<Process & { readonly server: InngestServer }> {
		const process = this.#rig.open(options);
		await process.darkroom.start();
		await process.darkroom.grantCredits({ owner, amount: granted, key: "starter" });
		return { ...process, server: await this.inngest.server() };
	}

	get inngest(): InngestUnderTest {
		if (!this.#inngest) throw new Error("No process is open.");
		return this.#inngest;
	}

	/** Of the SQLite file. */
	get databasePath(): string {
		return this.#databasePath;
	}

	/** What the processes have asked the event API, answered or not. */
	get batches(): readonly SentBatch[] {
		return this.inngest.batches;
	}

	settle(): Promise<void> {
		return this.#rig.settle();
	}

	/** Sends an event by hand, as anyone can who has the key. */
	async send(event: Partial<SentBatch["events"][number]>): Promise<void> {
		const server = await this.inngest.server();
		const answer = await fetch(`${server.url}/e/key`, { method: "POST", body: JSON.stringify(event) });
		if (!answer.ok) throw new Error(`The event was refused: ${await answer.text()}`);
		await this.settle();
	}
}

/** That so much was taken in all, and that nothing is held. */
export async function expectCharged({ darkroom }: Pick<Process, "darkroom">, charged: number, of = owner) {
	const rest = granted - charged;
	expect(await darkroom.getBalance(of)).toEqual({ posted: rest, held: 0, available: rest });
}

/** The owner's one job as it is now. */
export function now({ darkroom }: Pick<Process, "darkroom">, { id }: { readonly id: string }): Promise<JobSnapshot> {
	return darkroom.getJob({ viewer: owner, jobId: id });
}
