import { fork } from "node:child_process";
import { script } from "./script.ts";

/** The other end of the wire, in a process of its own. */
export interface Client {
	/** Resolves when it has connected. */
	readonly ready: Promise<void>;
	/** What it measured. */
	readonly result: Promise<unknown>;
}

export function startClient(task: "requests" | "watchers", options: object): Client {
	const ready = Promise.withResolvers<void>();
	const result = Promise.withResolvers<unknown>();
	const child = fork(script("./client-child", import.meta.url), [task, JSON.stringify(options)]);
	child.on("message", (message: { ready?: true; result?: unknown }) => {
		if (message.ready) ready.resolve();
		else result.resolve(message.result);
	});
	child.once("exit", (code) => {
		if (code !== 0) result.reject(new Error(`The client ended with ${code}.`));
	});
	return { ready: ready.promise, result: result.promise };
}
