import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A connection of a client, and the one that was made to the server for it. */
export interface Link {
	readonly client: Socket;
	readonly server: Socket;
}

/** Stands before a server, on a port of its own. Whatever ends one side of a link ends the other. */
export class PostgresProxy {
	/** The server's, through here. */
	readonly url: string;
	/** Those that are open. */
	readonly links = new Set<Link>();
	readonly #server: Server;

	private constructor(server: Server, url: string) {
		this.#server = server;
		this.url = url;
	}

	/** @param join passes on what each of the two sends, or does not. */
	static async before(url: string, join: (link: Link) => void): Promise<PostgresProxy> {
		const { hostname, port } = new URL(url);
		const server = createServer().listen(0, "127.0.0.1");
		await once(server, "listening");
		const through = new URL(url);
		through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
		const proxy = new PostgresProxy(server, through.href);
		server.on("connection", (client) => {
			const link = { client, server: connect(Number(port || 5_432), hostname) };
			proxy.#keep(link);
			join(link);
		});
		return proxy;
	}

	#keep(link: Link): void {
		const { client, server } = link;
		this.links.add(link);
		for (const [one, other] of [
			[client, server],
			[server, client],
		] as const) {
			// What broke it is what the tests are about.
			one.setNoDelay(true).on("error", () => {});
			one.on("close", () => {
				this.links.delete(link);
				other.destroy();
			});
		}
	}

	async close(): Promise<void> {
		for (const { client } of this.links) client.destroy();
		this.#server.close();
		await once(this.#server, "close");
	}
}
