import { connect, type Socket } from "node:net";

/**
 * Plain sockets, so that what is measured is the server: an HTTP client library would cost as much as the
 * answer it reads.
 */
const task = process.argv[2];
const options = JSON.parse(process.argv[3] ?? "{}");
const result = task === "requests" ? await sendRequests(options) : await watchAll(options);
process.send?.({ result }, () => process.disconnect());

interface RequestsOptions {
	port: number;
	path: string;
	cookie: string;
	connections: number;
	seconds: number;
}

/** Keeps every connection asking, one request after the other. The result is answers a second. */
async function sendRequests({ port, path, cookie, connections, seconds }: RequestsOptions): Promise<number> {
	const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${cookie}\r\n\r\n`;
	let answers = 0;
	const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
	for (const socket of sockets) {
		let missing = 0;
		socket.on("data", (chunk) => {
			missing = missing > 0 ? missing - chunk.length : remaining(chunk);
			if (missing > 0) return;
			answers++;
			socket.write(request);
		});
		socket.write(request);
	}
	const startedAt = performance.now();
	await stayAwake(seconds * 1_000);
	const perSecond = (answers * 1_000) / (performance.now() - startedAt);
	for (const socket of sockets) socket.destroy();
	return perSecond;
}

/**
 * Never lets the kernel put this process to sleep: waking it would be the server's work, and more of it the slower
 * the server, which would make a constant answer look cheaper than it is.
 */
function stayAwake(durationMs: number): Promise<void> {
	const endsAt = performance.now() + durationMs;
	return new Promise((resolve) => {
		const turn = () => {
			if (performance.now() < endsAt) setImmediate(turn);
			else resolve();
		};
		turn();
	});
}

/** Bytes of the answer that have not come yet. */
function remaining(chunk: Buffer): number {
	const head = chunk.indexOf("\r\n\r\n");
	const text = chunk.toString("latin1", 0, head);
	if (!text.startsWith("HTTP/1.1 200")) throw new Error(text.slice(0, 100));
	const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
	return head + 4 + length - chunk.length;
}

interface WatchersOptions {
	port: number;
	owners: number;
	jobs: number;
}

/** Opens a stream for each owner, says so, and gathers how old each completion was when it arrived, in ms. */
async function watchAll({ port, owners, jobs }: WatchersOptions): Promise<number[]> {
	const latencies: number[] = [];
	const all = Promise.withResolvers<void>();
	let ready = 0;
	const sockets: Socket[] = [];
	for (let n = 0; n < owners; n++) {
		const socket = await open(port);
		const opened = Promise.withResolvers<void>();
		let isReady = false;
		socket.on("data", (chunk) => {
			const text = chunk.toString();
			if (!isReady && text.includes("event: ready")) {
				isReady = true;
				ready++;
				opened.resolve();
			}
			for (const [, finishedAt] of text.matchAll(/"finishedAt":"([^"]+)"/g)) {
				latencies.push(Date.now() - Date.parse(finishedAt ?? ""));
				if (latencies.length === jobs) all.resolve();
			}
		});
		socket.write(`GET /api/events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: owner-${n}\r\n\r\n`);
		// A hundred handshakes at a time, so that the server's queue of new connections is not what is measured.
		if (n % 100 === 99) await opened.promise;
		sockets.push(socket);
	}
	process.send?.({ ready: true });
	await all.promise;
	if (ready < owners) throw new Error(`${ready} of ${owners} streams were ready.`);
	for (const socket of sockets) socket.destroy();
	return latencies;
}

function open(port: number): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
		socket.once("error", reject);
	});
}
