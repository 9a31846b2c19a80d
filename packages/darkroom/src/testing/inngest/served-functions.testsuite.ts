import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest, type InngestFunction } from "inngest";
import { serve } from "inngest/node";
import { onTestFinished } from "vitest";
import { InngestServer, type InngestServerOptions } from "../inngest-server.testsuite.ts";
import { createManualClock, type ManualClock } from "../manual-clock.ts";

/** The functions of an app, made with its client. */
export type MakeFunctions = (client: Inngest) => InngestFunction.Any[];

export interface ServedFunctions {
	readonly server: InngestServer;
	readonly client: Inngest;
	/** The server's time, which stands still until it is moved; each moment lasts until the server has nothing to do. */
	readonly clock: ManualClock;
	/** Cuts what is open and refuses what comes, as a killed app does; its code goes on running. */
	goDown(): Promise<void>;
	/** The same address answers again. */
	comeBack(): Promise<void>;
}

export interface ServedOptions extends Omit<InngestServerOptions, "clock"> {
	/** The app's own key. Default: the server's. */
	readonly appSigningKey?: string;
	/** Default: `key`. */
	readonly appEventKey?: string;
}

/** A server, and an app on `inngest/node` that has registered these functions with it. Both are gone after the test. */
export async function serveFunctions(make: MakeFunctions, options: ServedOptions = {}): Promise<ServedFunctions> {
	const { appSigningKey = options.signingKey, appEventKey = "key", isDev = true } = options;
	const clock: ManualClock = createManualClock(undefined, () => server.idle());
	const server = await InngestServer.start({ ...options, clock });
	const client = new Inngest({
		id: "studio",
		baseUrl: server.url,
		isDev,
		eventKey: appEventKey,
		...(appSigningKey && { signingKey: appSigningKey }),
		logger: { debug() {}, info() {}, warn() {}, error() {} },
	});
	const handle = serve({ client, functions: make(client) });
	let app = await listen(createServer(handle), 0);
	const { port } = app.address() as AddressInfo;
	onTestFinished(async () => {
		await server.stop();
		await close(app);
	});
	await server.sync(`http://127.0.0.1:${port}/api/inngest`);
	return {
		server,
		client,
		clock,
		goDown: () => close(app),
		async comeBack() {
			app = await listen(createServer(handle), port);
		},
	};
}

async function listen(app: Server, port: number): Promise<Server> {
	await new Promise<void>((resolve) => app.listen(port, "127.0.0.1", resolve));
	return app;
}

function close(app: Server): Promise<void> {
	return new Promise((resolve) => {
		app.close(() => resolve());
		app.closeAllConnections();
	});
}
