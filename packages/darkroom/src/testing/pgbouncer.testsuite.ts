import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, unprivilegedUser, untilAnswered } from "./postgres-server.testsuite.ts";

const folders = ["/usr/sbin", "/usr/bin", ...(process.env.PATH ?? "").split(":")];
const program = folders.map((folder) => join(folder, "pgbouncer")).find((path) => existsSync(path));

export const hasPgBouncer = program !== undefined;
export const howToGetPgBouncer = "Tests behind PgBouncer are left out: install it (Debian: apt-get install pgbouncer).";

/** Fewer than the store has, so that transactions of one connection do go to several. */
const serverConnections = 3;

/** In transaction mode, in front of a server; on a temporary folder and a free port. */
export class PgBouncer {
	readonly url: string;
	readonly #folder: string;
	readonly #process: ChildProcess;

	private constructor(url: string, folder: string, process: ChildProcess) {
		this.url = url;
		this.#folder = folder;
		this.#process = process;
	}

	static async start(target: string): Promise<PgBouncer> {
		if (!program) throw new Error(howToGetPgBouncer);
		const { hostname, port, username, password } = new URL(target);
		const own = await freePort();
		const folder = mkdtempSync(join(tmpdir(), "darkroom-pgbouncer-"));
		const settings = join(folder, "pgbouncer.ini");
		const login = `user=${username}${password ? ` password=${decodeURIComponent(password)}` : ""}`;
		writeFileSync(
			settings,
			`[databases]
* = host=${hostname} port=${port || 5_432} ${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 200
`,
		);
		const user = unprivilegedUser();
		if (user) for (const path of [folder, settings]) chownSync(path, user.uid, user.gid);
		const process = spawn(program, ["-q", settings], { ...user, stdio: "ignore" });
		const url = new URL(target);
		url.hostname = "127.0.0.1";
		url.port = `${own}`;
		const pooler = new PgBouncer(url.href, folder, process);
		await untilAnswered(url.href, "PgBouncer");
		return pooler;
	}

	async remove(): Promise<void> {
		const gone = new Promise((resolve) => this.#process.once("exit", resolve));
		this.#process.kill("SIGKILL");
		await gone;
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
