import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LogFields, silentLogger } from "../../core/logger.ts";
import { sqlite } from "./index.ts";

test("a line of a read says which it was, and nothing of what it found", async () => {
	const folder = mkdtempSync(join(tmpdir(), "darkroom-log-"));
	const logged: (LogFields & { readonly message: string })[] = [];
	const debug = (fields: LogFields, message: string) => void logged.push({ ...fields, message });
	const store = sqlite(join(folder, "darkroom.db"), { logger: { ...silentLogger, debug, isLevelEnabled: () => true } });
	await store.open();
	await store.readBalance("ada");
	await store.readJob("ada", "0000000000000000000000").catch(() => {});
	await store.listJobs({ viewer: "ada", limit: 5 });
	await store.close();
	rmSync(folder, { recursive: true });
	const durationMs = expect.any(Number);
	expect(logged).toEqual(
		["open", "readBalance", "readJob", "listJobs"].map((what) => ({ what, durationMs, message: "database read" })),
	);
});
