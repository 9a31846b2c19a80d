import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

interface Link {
	readonly client: Socket;
	readonly server: Socket;
}

/** A network between an app and its server, which can be cut, can stand still, and can lose what the server answers. */
export class CuttableProxy {
	/** The server's, through here. */
	readonly url: string;
	readonly #server: Server;
	readonly #links = new Set<Link>();
	#isFrozen = false;
	#losesAnswers = false;

	private constructor(server: Server, url: string) {
		this.#server = server;
		this.url = url;
	}

	static async before(url: string): Promise<CuttableProxy> {
		const { hostname, port } = new URL(url);
		const server = createServer();
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const through = new URL(url);
		through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
		const proxy = new CuttableProxy(server, through.href);
		server.on("connection", (client) => proxy.#link(client, connect(Number(port), hostname)));
		return proxy;
	}

	#link(client: Socket, server: Socket): void {
		const link = { client, server };
		this.#links.add(link);
		client.on("data", (bytes) => server.write(bytes));
		server.on("data", (bytes) => this.#losesAnswers || client.write(bytes));
		for (const [one, other] of [
			[client, server],
			[server, client],
		] as const) {
			// What broke it is what the tests are about.
			one.on("error", () => {});
			one.on("close", () => {
				this.#links.delete(link);
				other.destroy();
			});
			if (this.#isFrozen) one.pause();
		}
	}

	/** Every connection ends, without a word. */
	cut(): void {
		for (const { client, server } of this.#links) {
			client.resetAndDestroy();
			server.destroy();
		}
	}

	/** Nothing comes through in either direction, and no connection ends. */
	freeze(): void {
		this.#isFrozen = true;
		for (const { client, server } of this.#links) for (const one of [client, server]) one.pause();
	}

	thaw(): void {
		this.#isFrozen = false;
		for (const { client, server } of this.#links) for (const one of [client, server]) one.resume();
	}

	/** From now on the server hears everything and no answer arrives. */
	loseAnswers(): void {
		this.#losesAnswers = true;
	}

	/** Answers arrive again, on connections that are made anew. */
	keepAnswers(): void {
		this.cut();
		this.#losesAnswers = false;
	}

	async close(): Promise<void> {
		this.cut();
		this.#server.close();
		await once(this.#server, "close");
	}
}
