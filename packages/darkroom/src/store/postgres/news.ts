import { setTimeout } from "node:timers/promises";
import type { Client } from "pg";
import { z } from "zod";
import type { Logger } from "../../core/logger.ts";
import { Outage } from "../../core/outage.ts";
import { anything, type Elsewhere } from "../store.ts";
import type { Connections } from "./connection.ts";

/** Between two tries to listen again, and between two looks whether the database is back, in ms. */
const tryAgainMs = 1_000;

export interface NewsOptions {
	readonly connections: Connections;
	readonly logger: Logger;
	/** Names this process: what it did itself it knows already. */
	readonly sender: string;
	readonly channel: string;
	/** False behind a pooler that gives each transaction another connection: then news is asked for. */
	readonly listens: boolean;
	/** How often it is assumed that something happened elsewhere, in ms. */
	readonly pollEveryMs: number;
	readonly tell: (news: Elsewhere) => void;
	/** Who was moved since the last call, in any process. */
	readonly readMoved: () => Promise<readonly string[]>;
}

const nothing: Elsewhere = { owners: [], claimable: false, revokedLeaseTokens: [] };

/**
 * What other processes commit, as it happens: each commit sends one notification. A notification may be missed while the
 * connection is away, so after each return, and now and then, everyone looks for themselves.
 *
 *     listening ──connection lost──► tries again each second ──► listening, and "anything may have happened"
 *
 * Of an outage that is said twice: when it begins, so that whoever watches asks, and learns that nothing can be read; and once
 * the database answers. Were it said of each connection that is lost, what they ask meanwhile would fail, lose a connection
 * and be said again.
 */
export class News {
	readonly #options: NewsOptions;
	readonly #outage = new Outage(() => performance.now());
	#client: Promise<Client> | undefined;
	#timer: NodeJS.Timeout | undefined;
	/** Something may have been missed of which nobody has been told yet. */
	#mayHaveMissed = false;
	#isLooking = false;
	/** Set for a while after a connection was lost; whether another one was meanwhile. */
	#lost: { again: boolean } | undefined;
	#isWaitingToListen = false;
	#isClosed = false;

	constructor(options: NewsOptions) {
		this.#options = options;
	}

	start(): void {
		if (this.#timer || this.#isClosed) return;
		this.#timer = setInterval(() => this.mayHaveMissed(), this.#options.pollEveryMs);
		this.#timer.unref();
		if (this.#options.listens) this.#listen();
	}

	/** Everyone looks for themselves, as soon as the database answers: this process may have missed what it did itself. */
	mayHaveMissed(): void {
		this.#mayHaveMissed = true;
		if (!this.#isLooking) void this.#look();
	}

	/**
	 * A connection was lost: what it was asked may have been done, without anyone here hearing of it. Said at most each second,
	 * for whoever hears it asks, and loses the next connection where the database takes questions and ends them.
	 */
	async lost(): Promise<void> {
		if (this.#lost) {
			this.#lost.again = true;
			return;
		}
		this.#lost = { again: false };
		this.mayHaveMissed();
		await setTimeout(tryAgainMs, undefined, { ref: false });
		const { again } = this.#lost;
		this.#lost = undefined;
		if (again && !this.#isClosed) void this.lost();
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		clearInterval(this.#timer);
		await this.#client?.then((client) => client.end()).catch(() => "it was lost before");
	}

	/** Who was moved tells at the same time whether the database answers. */
	async #look(): Promise<void> {
		const { readMoved, tell } = this.#options;
		this.#isLooking = true;
		while (this.#mayHaveMissed && !this.#isClosed) {
			this.#mayHaveMissed = false;
			try {
				const movedOwners = await readMoved();
				if (this.#isClosed) break;
				this.#answered();
				tell(anything);
				if (movedOwners.length > 0) tell({ ...nothing, movedOwners });
			} catch (error) {
				this.#mayHaveMissed = true;
				this.#failed(error);
				await setTimeout(tryAgainMs, undefined, { ref: false });
			}
		}
		this.#isLooking = false;
	}

	#failed(error: unknown): void {
		const { logger, tell } = this.#options;
		const told = this.#isClosed ? undefined : this.#outage.failed();
		if (told) logger.warn({ ...told, err: error as Error }, "no news from the database, trying again");
		if (told?.failures === 1) tell(anything);
	}

	#answered(): void {
		const over = this.#outage.answered();
		if (over) this.#options.logger.info({ ...over }, "news from the database again");
	}

	#listen(): void {
		const client = this.#connect();
		this.#client = client;
		client.catch((error: unknown) => {
			this.#failed(error);
			void this.#listenAgain();
		});
	}

	async #connect(): Promise<Client> {
		const { connections, channel, sender, tell } = this.#options;
		const client = await connections.connect();
		/** As `json_build_object` writes it. */
		const own = `{"by" : "${sender}"`;
		let isOver = false;
		client.on("end", () => {
			if (!isOver) void this.#listenAgain();
			isOver = true;
		});
		client.on("notification", ({ payload = "" }) => {
			// What this process did itself is most of what it hears: it is seen by its beginning, and not read.
			if (payload.startsWith(own)) return;
			const told = read(payload);
			if (told === undefined) this.mayHaveMissed();
			else if (told.by !== sender) tell(toElsewhere(told));
		});
		await client.query(`LISTEN "${channel}"`);
		// What came before cannot have been heard.
		this.mayHaveMissed();
		return client;
	}

	async #listenAgain(): Promise<void> {
		// A connection that is lost while it begins to listen fails and ends: that is one loss.
		if (this.#isWaitingToListen) return;
		this.#isWaitingToListen = true;
		await setTimeout(tryAgainMs, undefined, { ref: false });
		this.#isWaitingToListen = false;
		if (!this.#isClosed) this.#listen();
	}
}

/** What `tell` and `transfer_owner` in migrations/ send. */
const notification = z.object({
	by: z.string().nullable(),
	owners: z.array(z.string()).nullable(),
	claimable: z.boolean(),
	revoked: z.array(z.string()).nullable(),
	moved: z.array(z.string()).optional(),
});
type Notification = z.infer<typeof notification>;

/** Undefined for what Darkroom did not send: any role that may connect may notify on any channel. */
function read(payload: string): Notification | undefined {
	try {
		return notification.safeParse(JSON.parse(payload)).data;
	} catch {
		return undefined;
	}
}

function toElsewhere({ owners, claimable, revoked, moved }: Notification): Elsewhere {
	return { owners, claimable, revokedLeaseTokens: revoked, ...(moved && { movedOwners: moved }) };
}
