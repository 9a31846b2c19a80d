import { execFileSync } from "node:child_process";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { freePort } from "./free-port.ts";
import { type Identity, type Server, startProcess, Unavailable } from "./server-process.ts";

const debian = "/usr/lib/postgresql";
const howToGet = "Postgres is not here; on Debian and Ubuntu: apt-get install postgresql";

/** Beyond the defaults only this: room for all connections, and no checkpoint in the middle of a reading. */
const settings = ["max_connections=200", "max_wal_size=4GB", "checkpoint_timeout=15min"];

/** A new cluster with durable commits (`fsync` and `synchronous_commit` on), as the user `postgres` where we are root. */
export async function startPostgres(folder: string): Promise<Server> {
	const bin = findBinaries();
	const identity = unprivileged();
	if (identity) chownSync(folder, identity.uid, identity.gid);
	const data = join(folder, "data");
	const initdb = ["-D", data, "-U", "bench", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"];
	execFileSync(join(bin, "initdb"), initdb, { ...identity, cwd: folder, stdio: "pipe" });
	const port = await freePort();
	const options = [`port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, ...settings];
	const args = ["-D", data, ...options.flatMap((option) => ["-c", option])];
	const ready = /database system is ready to accept connections/;
	const child = await startProcess(join(bin, "postgres"), args, { ready, cwd: folder, ...(identity && { identity }) });
	const url = `postgres://bench@127.0.0.1:${port}/postgres`;
	return { ...child, url, settings: await readSettings(url) };
}

/** The newest of Debian's, else what is in the PATH. */
function findBinaries(): string {
	const versions = existsSync(debian) ? readdirSync(debian) : [];
	for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
		const bin = join(debian, version, "bin");
		if (existsSync(join(bin, "initdb"))) return bin;
	}
	const folder = (process.env.PATH ?? "").split(":").find((bin) => existsSync(join(bin, "initdb")));
	if (!folder) throw new Unavailable(howToGet);
	return folder;
}

/** Postgres refuses to run as root. */
function unprivileged(): Identity | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: "pipe" }));
	try {
		return { uid: id("-u"), gid: id("-g") };
	} catch (cause) {
		throw new Unavailable("Postgres does not run as root, and there is no user called postgres.", { cause });
	}
}

async function readSettings(url: string): Promise<string> {
	const client = new Client({ connectionString: url });
	await client.connect();
	const show = async (name: string) => Object.values((await client.query(`SHOW ${name}`)).rows[0])[0];
	const names = ["fsync", "synchronous_commit", "shared_buffers", "max_wal_size"];
	const shown: string[] = [`Postgres ${String(await show("server_version")).split(" ")[0]}`];
	for (const name of names) shown.push(`${name}=${await show(name)}`);
	await client.end();
	return shown.join(", ");
}
