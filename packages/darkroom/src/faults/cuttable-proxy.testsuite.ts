import { type Link, PostgresProxy } from "../testing/postgres-proxy.testsuite.ts";

/** A network between an app and its server, which can be cut, can stand still, and can lose what the server answers. */
export class CuttableProxy {
	readonly #proxy: PostgresProxy;
	#isFrozen = false;
	#losesAnswers = false;

	private constructor(proxy: PostgresProxy) {
		this.#proxy = proxy;
	}

	static async before(url: string): Promise<CuttableProxy> {
		const proxy = await PostgresProxy.before(url, (link) => network.#join(link));
		const network = new CuttableProxy(proxy);
		return network;
	}

	/** The server's, through here. */
	get url(): string {
		return this.#proxy.url;
	}

	#join({ client, server }: Link): void {
		client.on("data", (bytes) => server.write(bytes));
		server.on("data", (bytes) => this.#losesAnswers || client.write(bytes));
		if (this.#isFrozen) for (const one of [client, server]) one.pause();
	}

	/** Every connection ends, without a word. */
	cut(): void {
		for (const { client, server } of this.#proxy.links) {
			client.resetAndDestroy();
			server.destroy();
		}
	}

	/** Nothing comes through in either direction, and no connection ends. */
	freeze(): void {
		this.#isFrozen = true;
		for (const { client, server } of this.#proxy.links) for (const one of [client, server]) one.pause();
	}

	thaw(): void {
		this.#isFrozen = false;
		for (const { client, server } of this.#proxy.links) for (const one of [client, server]) one.resume();
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

	close(): Promise<void> {
		return this.#proxy.close();
	}
}
