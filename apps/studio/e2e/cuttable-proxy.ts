import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to the database that can be cut: for what happens when it is away, and comes back. */
export class CuttableProxy {
	/** The database's address by this way. */
	readonly url: string;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#isCut = false;

	private constructor(server: Server, database: URL) {
		this.#server = server;
		const address = server.address();
		if (address === null || typeof address === "string") throw new Error("No port was given.");
		const url = new URL(database);
		url.hostname = "127.0.0.1";
		url.port = String(address.port);
		this.url = url.href;
		server.on("connection", (near) => this.#join(near, connect(Number(database.port), database.hostname)));
	}

	static async before(database: string): Promise<CuttableProxy> {
		const server = createServer().listen(0, "127.0.0.1");
		await once(server, "listening");
		return new CuttableProxy(server, new URL(database));
	}

	#join(near: Socket, far: Socket): void {
		near.pipe(far).pipe(near);
		near.on("error", () => far.destroy()).on("close", () => far.destroy());
		far.on("error", () => near.destroy()).on("close", () => near.destroy());
		near.on("close", () => this.#sockets.delete(near));
		this.#sockets.add(near);
		if (this.#isCut) near.resetAndDestroy();
	}

	/** Cuts every connection, and every new one at once. The port stays its own, so that nobody else has it by then. */
	cut(): void {
		this.#isCut = true;
		for (const socket of this.#sockets) socket.resetAndDestroy();
	}

	mend(): void {
		this.#isCut = false;
	}

	async close(): Promise<void> {
		const closed = once(this.#server, "close");
		this.#server.close();
		this.cut();
		await closed;
	}
}
