import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createHandler } from "darkroom/http";
import type { Figure } from "../figures.ts";
import { fiveSteps, openBench } from "../five-steps.ts";
import { startClient } from "../start-client.ts";

const connections = 32;
const secondsEach = 4;
const rounds = 3;
const owner = "owner-0";
const sessions = new Map(Array.from({ length: 1_000 }, (_, n) => [`token-${n}`, `owner-${n}`]));

/** `GET /jobs/:id` with its session checked, against a constant answer of the same length from the same server. */
export async function http(): Promise<Figure[]> {
	const { darkroom, store, close } = await openBench({ owners: 1, credits: 10 });
	const completed = Promise.withResolvers<void>();
	store.onChange((changes) => {
		if (changes.some(({ status }) => status === "completed")) completed.resolve();
	});
	const { id } = await darkroom.submit(fiveSteps, { owner, input: { n: 1 } });
	await completed.promise;
	const answer = JSON.stringify({ job: await darkroom.getJob({ viewer: owner, jobId: id }) });
	const handler = createHandler(darkroom, { viewer: sessionOwner });
	const headers = { "content-type": "application/json" };
	const server = createAdaptorServer({
		fetch: (request: Request) =>
			request.url.endsWith("/constant") ? new Response(answer, { headers }) : handler(request),
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const cookie = "session=token-0";
	const ask = (path: string) => startClient("requests", { port, path, cookie, connections, seconds: secondsEach });
	let job = 0;
	let constant = 0;
	await ask("/constant").result;
	await ask(`/api/jobs/${id}`).result;
	for (let round = 0; round < rounds; round++) {
		constant += ((await ask("/constant").result) as number) / rounds;
		job += ((await ask(`/api/jobs/${id}`).result) as number) / rounds;
	}
	server.close();
	await close();
	return [
		{ name: "a constant answer, requests a second", value: constant, unit: "req/s" },
		{ name: "GET /jobs/:id, session checked", value: job, unit: "req/s" },
		{ name: "  as a share of the constant answer", value: job / constant, unit: "×", target: { least: 0.5 } },
	];
}

/** A session that is known: its cookie is found, and whose it is looked up. */
function sessionOwner(request: Request): string | null {
	const token = /(?:^|; )session=([^;]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
	return sessions.get(token ?? "") ?? null;
}
