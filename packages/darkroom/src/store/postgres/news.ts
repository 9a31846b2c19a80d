import type { Client } from "pg";
import { z } from "zod";
import type { Logger } from "../../core/logger.ts";
import { anything, type Elsewhere } from "../store.ts";
import type { Connections } from "./connection.ts";

/** Between two tries to listen again, in ms. */
const listenAgainMs = 1_000;

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
 */
export class News {
	readonly #options: NewsOptions;
	#client: Promise<Client> | undefined;
	#timer: NodeJS.Timeout | undefined;
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

	/** Everyone looks for themselves: this process may have missed what it did itself. */
	mayHaveMissed(): void {
		if (this.#isClosed) return;
		this.#options.tell(anything);
		void this.#lookForMoved();
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		clearInterval(this.#timer);
		await this.#client?.then((client) => client.end()).catch(() => "it was lost before");
	}

	async #lookForMoved(): Promise<void> {
		const { readMoved, tell } = this.#options;
		// Where the database is away, the next look finds them.
		const movedOwners = await readMoved().catch(() => []);
		if (movedOwners.length > 0 && !this.#isClosed) tell({ ...nothing, movedOwners });
	}

	#listen(): void {
		const client = this.#connect();
		this.#client = client;
		client.catch((err: Error) => {
			this.#options.logger.warn({ err }, "cannot listen to the database, trying again");
			this.#listenAgain();
		});
	}

	async #connect(): Promise<Client> {
		const { connections, channel, sender, tell } = this.#options;
		const client = await connections.connect();
		/** As `json_build_object` writes it. */
		const own = `{"by" : "${sender}"`;
		let isOver = false;
		client.on("end", () => {
			if (!isOver) this.#listenAgain();
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

	#listenAgain(): void {
		if (this.#isClosed) return;
		setTimeout(() => {
			if (!this.#isClosed) this.#listen();
		}, listenAgainMs).unref();
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
