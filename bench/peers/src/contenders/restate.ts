import * as restate from "@restatedev/restate-sdk";
import * as clients from "@restatedev/restate-sdk-clients";
import { freePort } from "../../../src/servers/free-port.ts";
import { type Contender, type Hooks, type Surroundings, steps } from "../contender.ts";

export async function open({ url, adminUrl }: Surroundings, hooks: Hooks): Promise<Contender> {
	const fiveSteps = restate.service({
		name: "five-steps",
		handlers: {
			async run(context: restate.Context, { n }: { n: number; owner: string }) {
				let sum = 0;
				for (const [index, name] of steps.entries()) {
					sum += await context.run(name, () => {
						if (index === 0) hooks.onFirstStep();
						return n + index;
					});
				}
				hooks.onCompleted();
				return sum;
			},
		},
	});
	const port = await freePort();
	await restate.serve({
		services: [fiveSteps],
		port,
		logger: ({ level }, ...words) => level === "error" && console.error(...words),
	});
	await post(`${adminUrl}/deployments`, { uri: `http://127.0.0.1:${port}` });
	const client = clients.connect({ url }).serviceSendClient<typeof fiveSteps>({ name: "five-steps" });
	return {
		async submit(n, owner) {
			await client.run({ n, owner });
		},
		async countUnfinished() {
			const query = "SELECT count(*) AS count FROM sys_invocation WHERE status <> 'completed'";
			const { rows } = (await post(`${adminUrl}/query`, { query })) as { rows: { count: number }[] };
			return Number(rows[0]?.count);
		},
	};
}

async function post(url: string, body: object): Promise<unknown> {
	const headers = { "content-type": "application/json", accept: "application/json" };
	const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
	if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
	return response.json();
}
