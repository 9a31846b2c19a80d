import { describe, expect, test } from "vitest";
import type { Asset } from "../../core/asset.ts";
import { newId } from "../../core/ids.ts";
import { type CreateStore, codeOf, StoreRig } from "./rig.testsuite.ts";

export function describeAssets(create: CreateStore): void {
	describe("an asset's row", () => {
		const rig = StoreRig.use(create);

		async function picture(given: Partial<Asset> = {}): Promise<Asset> {
			const asset: Asset = {
				id: newId(rig.now),
				owner: "ada",
				contentType: "image/png",
				size: 1_234,
				width: 640,
				height: 480,
				blur: "data:image/webp;base64,AA==",
				createdAt: rig.now,
				keptAt: null,
				...given,
			};
			await rig.store.createAsset(asset);
			return asset;
		}

		test("comes back as it was made, with what it has none of as null", async () => {
			const full = await picture();
			const bare = await picture({ width: null, height: null, blur: null });
			expect(await rig.store.readAsset("ada", full.id)).toEqual(full);
			expect(await rig.store.readAsset("ada", bare.id)).toEqual(bare);
		});

		test("is kept from the first use on", async () => {
			const { id } = await picture();
			const keptAt = rig.now + 5;
			expect((await rig.store.keepAsset("ada", id, keptAt)).keptAt).toBe(keptAt);
			expect((await rig.store.keepAsset("ada", id, keptAt + 5)).keptAt).toBe(keptAt);
		});

		test("of someone else does not exist: not to read, to keep, to delete, nor in a job's input", async () => {
			const asset = await picture();
			expect(await codeOf(rig.store.readAsset("bob", asset.id))).toBe("not_found");
			expect(await codeOf(rig.store.keepAsset("bob", asset.id, rig.now))).toBe("not_found");
			expect(await codeOf(rig.store.removeAsset("bob", asset.id, rig.now))).toBe("not_found");
			expect(await codeOf(rig.submit({ owner: "bob", assets: [asset.id] }))).toBe("not_found");
			expect(await rig.store.readAsset("ada", asset.id)).toEqual(asset);
		});

		test("that is removed does not exist for its owner either: not to read, to keep, to remove again, nor in a job's input", async () => {
			const { id } = await picture();
			await rig.store.removeAsset("ada", id, rig.now);
			expect(await codeOf(rig.store.readAsset("ada", id))).toBe("not_found");
			expect(await codeOf(rig.store.keepAsset("ada", id, rig.now))).toBe("not_found");
			expect(await codeOf(rig.store.removeAsset("ada", id, rig.now))).toBe("not_found");
			expect(await codeOf(rig.submit({ assets: [id] }))).toBe("not_found");
			await rig.store.transferOwner({ from: "ada", to: "bob", now: rig.now });
			expect(await codeOf(rig.store.readAsset("bob", id))).toBe("not_found");
		});

		test("that was removed is listed until its row is deleted, so that whoever lives can finish it", async () => {
			const [kept, unused] = [await picture({ keptAt: rig.now }), await picture()];
			await rig.store.removeAsset("ada", kept.id, rig.now + 1);
			await rig.store.removeAsset("ada", unused.id, rig.now + 2);
			await rig.reopen();
			const list = (limit: number) => rig.store.takeOrphanAssets({ createdBefore: 0, now: rig.now + 3, limit });
			expect(await list(1)).toEqual([kept]);
			expect(await list(10)).toEqual([kept, unused]);
			await rig.store.deleteAsset(kept.id);
			await rig.store.deleteAsset(kept.id);
			expect(await list(10)).toEqual([unused]);
		});

		test("is not deleted before it is removed", async () => {
			const asset = await picture();
			await rig.store.deleteAsset(asset.id);
			expect(await rig.store.readAsset("ada", asset.id)).toEqual(asset);
		});

		test("is in use while a job of its owner names it", async () => {
			const { id } = await picture();
			const job = await rig.submit({ input: JSON.stringify({ photo: id }), assets: [id] });
			expect(await rig.store.isAssetInUse("ada", id)).toBe(true);
			expect(await rig.store.isAssetInUse("bob", id)).toBe(false);
			await rig.store.cancelJob(rig.asOwner(job));
			expect(await rig.store.isAssetInUse("ada", id)).toBe(true);
			await rig.store.deleteJob(rig.asOwner(job));
			expect(await rig.store.isAssetInUse("ada", id)).toBe(false);
		});

		test("that nobody used is removed when it is old enough: the oldest first, what is kept never", async () => {
			const old = await picture({ createdAt: rig.now - 30 });
			const older = await picture({ createdAt: rig.now - 40, owner: "bob" });
			const kept = await picture({ createdAt: rig.now - 50 });
			await picture({ createdAt: rig.now - 10 });
			await rig.store.keepAsset("ada", kept.id, rig.now);
			const take = (limit: number) => rig.store.takeOrphanAssets({ createdBefore: rig.now - 20, now: rig.now, limit });
			expect(await take(1)).toEqual([older]);
			expect(await rig.store.readAsset("ada", old.id)).toEqual(old);
			expect(await take(10)).toEqual([older, old]);
			for (const { id, owner } of [older, old]) {
				expect(await codeOf(rig.store.readAsset(owner, id))).toBe("not_found");
				await rig.store.deleteAsset(id);
			}
			expect(await take(10)).toEqual([]);
			expect(await rig.store.readAsset("ada", kept.id)).toMatchObject({ id: kept.id });
		});
	});
}
