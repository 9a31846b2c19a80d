import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AssetStore } from "./asset-store.ts";

/** A store to test, and the way to remove all that it holds. */
export interface AssetStoreFixture {
	readonly store: AssetStore;
	destroy(): Promise<void>;
}

/** What every asset store must do, on the real thing. `create` is called once for each test. */
export function describeAssetStore(name: string, create: () => Promise<AssetStoreFixture>): void {
	describe(`${name} as an asset store`, () => {
		let fixture: AssetStoreFixture;
		let store: AssetStore;
		beforeEach(async () => {
			fixture = await create();
			store = fixture.store;
		});
		afterEach(() => fixture.destroy());

		test("what was put is got back, byte for byte, across many chunks", async () => {
			const bytes = numbered(300_001);
			await store.put("picture-1", bytes, "image/jpeg");
			expect(await read(store, "picture-1")).toEqual(bytes);
		});

		test("nothing at all can be put and got back", async () => {
			await store.put("empty", new Uint8Array(), "application/octet-stream");
			expect(await read(store, "empty")).toHaveLength(0);
		});

		test.each([
			["the first byte", 0, 0],
			["the last byte", 199_999, 199_999],
			["a part from the middle", 65_000, 140_000],
			["the whole", 0, 199_999],
		])("a range is inclusive at both ends: %s", async (_, start, end) => {
			const bytes = numbered(200_000);
			await store.put("ranged", bytes, "image/png");
			expect(await read(store, "ranged", { start, end })).toEqual(bytes.slice(start, end + 1));
		});

		test("a key that was never put is not found", async () => {
			await expect(store.get("never")).rejects.toMatchObject({ code: "not_found" });
		});

		test("a deleted key is not found, and its neighbours stay", async () => {
			await store.put("one", numbered(10), "image/webp");
			await store.put("one.w64.webp", numbered(5), "image/webp");
			await store.delete("one");
			await expect(store.get("one")).rejects.toMatchObject({ code: "not_found" });
			expect(await read(store, "one.w64.webp")).toEqual(numbered(5));
		});

		test("deleting what is not there is no error", async () => {
			await store.delete("never");
			await store.put("once", numbered(3), "image/webp");
			await store.delete("once");
			await store.delete("once");
			await expect(store.get("once")).rejects.toMatchObject({ code: "not_found" });
		});

		test("two writers of the same key leave one whole copy", async () => {
			const bytes = numbered(100_000);
			await Promise.all([store.put("twice", bytes, "image/webp"), store.put("twice", bytes, "image/webp")]);
			expect(await read(store, "twice")).toEqual(bytes);
		});

		test("many keys do not get into each other's way", async () => {
			const keys = Array.from({ length: 40 }, (_, i) => `many-${i}`);
			await Promise.all(keys.map((key, i) => store.put(key, numbered(i), "image/webp")));
			const sizes = await Promise.all(keys.map(async (key) => (await read(store, key)).length));
			expect(sizes).toEqual(keys.map((_, i) => i));
		});

		test("a reader may leave before the end", async () => {
			const bytes = numbered(300_000);
			await store.put("left", bytes, "image/png");
			const reader = (await store.get("left")).getReader();
			expect((await reader.read()).done).toBe(false);
			await reader.cancel();
			expect(await read(store, "left")).toEqual(bytes);
		});

		test.each(["", "../up", "a/b", "a\\b", ".hidden", "A", "nul\0", "a".repeat(201)])(
			"the key %j is refused",
			async (key) => {
				const refused = { code: "invalid_input" };
				await expect(store.put(key, numbered(1), "image/png")).rejects.toMatchObject(refused);
				await expect(store.get(key)).rejects.toMatchObject(refused);
				await expect(store.delete(key)).rejects.toMatchObject(refused);
			},
		);
	});
}

async function read(store: AssetStore, key: string, range?: { start: number; end: number }): Promise<Uint8Array> {
	return new Uint8Array(await new Response(await store.get(key, range)).arrayBuffer());
}

/** Bytes that differ from place to place, so that a wrong offset shows. */
function numbered(length: number): Uint8Array {
	return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
}
