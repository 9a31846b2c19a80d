import { type Link, PostgresProxy } from "./postgres-proxy.testsuite.ts";

/** A request as the client sent it: everything up to one `Sync`, which the server answers with one `ReadyForQuery`. */
export interface Request {
	/** Of the statement. */
	readonly sql: string;
}

/**
 * Stands between a store and its server, and reads along what the client sends
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html). Each request is one round trip. It can cut the
 * connection in the middle: after the server was asked, before the client hears of it.
 */
export class PostgresWire {
	readonly requests: Request[] = [];
	readonly #proxy: PostgresProxy;
	#isMute = false;
	#isCutFor: ((sql: string) => boolean) | undefined;
	#onCut: (() => void) | undefined;

	private constructor(proxy: PostgresProxy) {
		this.#proxy = proxy;
	}

	static async before(url: string): Promise<PostgresWire> {
		const proxy = await PostgresProxy.before(url, (link) => wire.#join(link));
		const wire = new PostgresWire(proxy);
		return wire;
	}

	/** The server's, through here. */
	get url(): string {
		return this.#proxy.url;
	}

	/** The next request of which this is true reaches the server, and its answer nobody. Resolves when it was cut. */
	cutAfter(isWanted: (sql: string) => boolean): Promise<void> {
		this.#isCutFor = isWanted;
		return new Promise((resolve) => {
			this.#onCut = resolve;
		});
	}

	/** From now on the server hears nothing, and nothing comes of it: as a network that swallows everything. */
	mute(): void {
		this.#isMute = true;
	}

	close(): Promise<void> {
		return this.#proxy.close();
	}

	#join({ client, server }: Link): void {
		let isCut = false;
		const read = new RequestReader();
		client.on("data", (bytes) => {
			for (const sql of read.push(bytes)) {
				this.requests.push({ sql });
				isCut ||= this.#isCutFor?.(sql) ?? false;
			}
			if (!server.destroyed && !this.#isMute) server.write(bytes);
		});
		server.on("data", (bytes) => {
			if (!isCut) client.write(bytes);
			// Answered, so it is committed.
			else if (!client.destroyed) {
				this.#isCutFor = undefined;
				client.destroy();
				this.#onCut?.();
			}
		});
	}
}

/** The statements in what a client sends. */
class RequestReader {
	#rest = Buffer.alloc(0);
	#hasStarted = false;
	#sql = "";
	readonly #prepared = new Map<string, string>();

	push(bytes: Buffer): string[] {
		this.#rest = Buffer.concat([this.#rest, bytes]);
		const requests: string[] = [];
		for (;;) {
			// The first message of a connection has no letter before its length.
			const head = this.#hasStarted ? 1 : 0;
			if (this.#rest.length < head + 4) return requests;
			const end = head + this.#rest.readInt32BE(head);
			if (this.#rest.length < end) return requests;
			const type = this.#hasStarted ? String.fromCharCode(this.#rest[0] as number) : "startup";
			const texts = this.#rest.toString("utf8", head + 4, end).split("\0");
			this.#rest = this.#rest.subarray(end);
			this.#hasStarted = true;
			if (type === "P") this.#prepared.set(texts[0] as string, texts[1] as string);
			if (type === "B") this.#sql = this.#prepared.get(texts[1] as string) ?? "";
			if (type === "S") requests.push(this.#sql);
			if (type === "Q") requests.push(texts[0] as string);
		}
	}
}
