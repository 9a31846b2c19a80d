import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Env } from "./studio";

/** Inngest's place, taken by a server that speaks the SDK's wire, with signatures on both sides. */
export interface InngestProcess {
	/** What a Studio is told to run its jobs there. */
	readonly env: Env;
	/** Learns a Studio's functions; from then on it is the one that is called. */
	sync(studioUrl: string): Promise<void>;
	end(): Promise<void>;
}

const program = join(import.meta.dirname, "../../../packages/darkroom/src/testing/inngest/process.testsuite.ts");
const keys = { INNGEST_EVENT_KEY: "an-event-key", INNGEST_SIGNING_KEY: "0f".repeat(32) };

export async function startInngest(): Promise<InngestProcess> {
	const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
		env: { PATH: process.env.PATH, NODE_ENV: "production", ...keys },
		stdio: ["pipe", "pipe", "inherit"],
	});
	const lines = createInterface({ input: child.stdout });
	const hear = async (word: string) => {
		const [line] = (await once(lines, "line")) as [string];
		const [said, url = ""] = line.split(" ");
		if (said !== word) throw new Error(`It said "${line}" where it should have said "${word}".`);
		return url;
	};
	const url = await hear("listening");
	return {
		env: { DARKROOM_ENGINE: "inngest", INNGEST_BASE_URL: url, ...keys },
		async sync(studioUrl) {
			const synced = hear("synced");
			child.stdin.write(`${studioUrl}/api/inngest\n`);
			await synced;
		},
		async end() {
			if (child.exitCode !== null || child.signalCode !== null) return;
			child.kill("SIGKILL");
			await once(child, "exit");
		},
	};
}
