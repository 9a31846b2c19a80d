import { spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { howToGetPostgres, ownBinaries } from "./find-postgres.testsuite.ts";

const startLimitMs = 40_000;

/** Postgres refuses to run as root; then it runs as its own user, or as nobody. */
export function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const users = readFileSync("/etc/passwd", "utf8")
		.split("\n")
		.map((line) => line.split(":"));
	const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
	return { uid: Number(user?.[2] ?? 65_534), gid: Number(user?.[3] ?? 65_534) };
}

/** A server of its own on a temporary folder and a free port, which can be killed and started again. */
export class PostgresServer {
	readonly url: string;
	readonly #folder: string;
	readonly #bin: string;
	readonly #port: number;
	readonly #user = unprivilegedUser();
	#process: ReturnType<typeof spawn> | undefined;

	private constructor(bin: string, port: number) {
		this.#port = port;
		this.#folder = mkdtempSync(join(tmpdir(), "darkroom-postgres-"));
		this.#bin = this.#reachable(bin);
		this.url = `postgres://darkroom@127.0.0.1:${port}/postgres`;
	}

	static async start(settings: readonly string[] = [], binaries = ownBinaries): Promise<PostgresServer> {
		if (!binaries) throw new Error(howToGetPostgres);
		const server = new PostgresServer(binaries, await freePort());
		server.#init();
		await server.start(settings);
		return server;
	}

	get #data(): string {
		return join(this.#folder, "data");
	}

	/** The unprivileged user may not see what root has installed below its own folder: then it gets a copy. */
	#reachable(bin: string): string {
		if (!this.#user) return bin;
		chownSync(this.#folder, this.#user.uid, this.#user.gid);
		const { status } = spawnSync(join(bin, "postgres"), ["--version"], this.#user);
		if (status === 0) return bin;
		const copy = join(this.#folder, "native");
		cpSync(join(bin, ".."), copy, { recursive: true, verbatimSymlinks: true });
		return join(copy, "bin");
	}

	#init(): void {
		const args = ["-D", this.#data, "-U", "darkroom", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"];
		const { status, stderr } = spawnSync(join(this.#bin, "initdb"), args, {
			...this.#user,
			encoding: "utf8",
			cwd: this.#folder,
		});
		if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
	}

	/** Starts it, or starts it again, and resolves when it answers. */
	async start(settings: readonly string[] = []): Promise<void> {
		const given = ["listen_addresses=127.0.0.1", `unix_socket_directories=${this.#folder}`, ...settings];
		const args = ["-D", this.#data, "-p", String(this.#port), ...given.flatMap((one) => ["-c", one])];
		this.#process = spawn(join(this.#bin, "postgres"), args, { ...this.#user, cwd: this.#folder, stdio: "ignore" });
		await untilAnswered(this.url, "Postgres");
	}

	/** `SIGQUIT` ends it at once, as a crash does; `SIGINT` in order, cutting off who is connected. */
	async stop(signal: "SIGQUIT" | "SIGINT" | "SIGKILL" = "SIGINT"): Promise<void> {
		const running = this.#process;
		if (!running || running.exitCode !== null || running.signalCode !== null) return;
		const gone = new Promise<void>((resolve) => running.once("exit", () => resolve()));
		running.kill(signal);
		await gone;
	}

	async remove(): Promise<void> {
		await this.stop("SIGQUIT");
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

/** Resolves when a query is answered there. @throws where none is after `startLimitMs`; `name` is who does not answer */
export async function untilAnswered(url: string, name: string): Promise<void> {
	const endsAt = performance.now() + startLimitMs;
	for (;;) {
		const client = new pg.Client(url);
		client.on("error", () => {});
		try {
			await client.connect();
			await client.query("SELECT");
			await client.end();
			return;
		} catch (cause) {
			if (performance.now() > endsAt) throw new Error(`${name} did not start.`, { cause });
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}

/** A server for all tests of a file: `TEST_DATABASE_URL`, or one of its own. To be closed after the last. */
export async function usePostgres(): Promise<{ readonly url: string; close(): Promise<void> }> {
	const given = process.env.TEST_DATABASE_URL;
	if (given) return { url: given, close: async () => {} };
	// What these tests show needs no disk; what a crash leaves is shown by those that kill a server.
	const server = await PostgresServer.start(["fsync=off"]);
	return { url: server.url, close: () => server.remove() };
}

/** One statement, as somebody who is not Darkroom. */
export async function askPostgres(
	url: string,
	sql: string,
	values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
	const client = new pg.Client(url);
	// Of a server that is killed: its query tells of it, and unheard it would end the process.
	client.on("error", () => {});
	await client.connect();
	try {
		return (await client.query(sql, values)).rows;
	} finally {
		await client.end();
	}
}

/**
 * For a server that cannot choose one itself. Below those that this machine gives to whoever asks for any (32,768 and up on
 * Linux, 49,152 elsewhere): between this look and the server's start, or its restart, none of all the other tests' connections
 * and servers can take it.
 */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = randomInt(12_000, 32_000);
		if (await isFree(port)) return port;
	}
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const probe = createServer().once("error", () => resolve(false));
		probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
	});
}
