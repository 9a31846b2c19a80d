import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeAssetStore } from "./asset-store.testsuite.ts";
import { files } from "./files.ts";

let directory: string;
beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), "darkroom-files-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describeAssetStore("files", async () => ({ store: files(join(directory, "assets")), destroy: async () => {} }));

test("what one process wrote another finds", async () => {
	await files(directory).put("a", new Uint8Array([1, 2, 3]), "image/png");
	const bytes = await new Response(await files(directory).get("a")).bytes();
	expect([...bytes]).toEqual([1, 2, 3]);
});

test("a folder that cannot be written is store_unavailable with its cause, and works again once repaired", async () => {
	const path = join(directory, "assets");
	await writeFile(path, "a file where the folder should be");
	const store = files(path);
	await expect(store.put("a", new Uint8Array(1), "image/png")).rejects.toMatchObject({
		code: "store_unavailable",
		retryable: true,
		cause: { code: expect.stringMatching(/^(EEXIST|ENOTDIR)$/) },
	});
	await rm(path);
	await store.put("a", new Uint8Array(1), "image/png");
	expect(await new Response(await store.get("a")).bytes()).toHaveLength(1);
});

test("a folder that is removed under a running process is made again", async () => {
	const store = files(join(directory, "assets"));
	await store.put("a", new Uint8Array(1), "image/png");
	await rm(join(directory, "assets"), { recursive: true });
	await expect(store.get("a")).rejects.toMatchObject({ code: "not_found" });
	await expect(store.put("b", new Uint8Array(1), "image/png")).rejects.toMatchObject({ code: "store_unavailable" });
	await store.put("b", new Uint8Array(1), "image/png");
	expect(await new Response(await store.get("b")).bytes()).toHaveLength(1);
});

test("a finished put leaves nothing behind, and the leavings of a crash are removed once they are old", async () => {
	await files(directory).put("a", new Uint8Array(1), "image/png");
	const incoming = join(directory, "incoming");
	expect(await readdir(incoming)).toEqual([]);
	await writeFile(join(incoming, "old"), "left by a crash");
	await utimes(join(incoming, "old"), new Date(0), new Date(0));
	await writeFile(join(incoming, "new"), "of a living process");
	await files(directory).put("b", new Uint8Array(1), "image/png");
	expect(await readdir(incoming)).toEqual(["new"]);
});

test("what a crash may have left and cannot be looked at is told, and not taken for gone", async () => {
	await files(directory).put("a", new Uint8Array(1), "image/png");
	const unseen = join(directory, "incoming", "unseen");
	await symlink(unseen, unseen);
	await expect(files(directory).put("b", new Uint8Array(1), "image/png")).rejects.toMatchObject({
		code: "store_unavailable",
		cause: { code: "ELOOP" },
	});
	await rm(unseen);
	await files(directory).put("b", new Uint8Array(1), "image/png");
});

test.runIf(process.platform === "linux")("a folder that cannot be made is told at once", async () => {
	const unusable = files("/proc/nope/assets");
	const put = unusable.put("key", new Uint8Array(1), "image/png");
	await expect(put).rejects.toMatchObject({ code: "store_unavailable", cause: { code: "ENOENT" } });
});

test("after a kill -9 all that was acknowledged is there, and nothing is there in part", async () => {
	const size = 400_000;
	const module = new URL("./files.ts", import.meta.url).href;
	const program = `
		import { files } from ${JSON.stringify(module)};
		const store = files(${JSON.stringify(directory)});
		const writer = async (name) => {
			for (let i = 0; ; i++) {
				await store.put(name + "-" + i, new Uint8Array(${size}).fill(1), "image/png");
				console.log(name + "-" + i);
			}
		};
		await Promise.all(["a", "b", "c", "d"].map(writer));`;
	const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const exited = once(child, "exit");
	const acknowledged: string[] = [];
	for await (const key of createInterface({ input: child.stdout })) {
		if (acknowledged.push(key) === 20) child.kill("SIGKILL");
	}
	await exited;

	expect(acknowledged.length).toBeGreaterThanOrEqual(20);
	const found = await readdir(directory, { recursive: true, withFileTypes: true });
	const keys = found
		.filter((entry) => entry.isFile() && !entry.parentPath.endsWith("incoming"))
		.map(({ name }) => name);
	expect(keys).toEqual(expect.arrayContaining(acknowledged));
	for (const key of keys) {
		const bytes = await new Response(await files(directory).get(key)).bytes();
		expect(bytes.length === size && bytes.every((byte) => byte === 1)).toBe(true);
	}
});
