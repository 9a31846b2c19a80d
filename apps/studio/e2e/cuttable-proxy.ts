import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to the database that can be cut: for what happens when it is away, and comes back. */
export class CuttableProxy {
	/** The database's address by this way. */
	readonly url: string;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	readonly #port: number;

	private constructor(server: Server, url: string, port: number) {
		this.#server = server;
		this.url = url;
		this.#port = port;
		server.on("connection", (socket) => this.#sockets.add(socket));
	}

	static async before(database: string): Promise<CuttableProxy> {
		const url = new URL(database);
		const { hostname, port } = url;
		const server = createServer((near) => {
			const far = connect(Number(port), hostname);
			near.pipe(far).pipe(near);
			near.on("error", () => far.destroy()).on("close", () => far.destroy());
			far.on("error", () => near.destroy()).on("close", () => near.destroy());
		}).listen(0, "127.0.0.1");
		await once(server, "listening");
		const address = server.address();
		if (address === null || typeof address === "string") throw new Error("No port was given.");
		url.hostname = "127.0.0.1";
		url.port = String(address.port);
		return new CuttableProxy(server, url.href, address.port);
	}

	/** Cuts every connection, and refuses new ones. */
	async cut(): Promise<void> {
		const closed = once(this.#server, "close");
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
		this.#sockets.clear();
		await closed;
	}

	async mend(): Promise<void> {
		this.#server.listen(this.#port, "127.0.0.1");
		await once(this.#server, "listening");
	}
}
