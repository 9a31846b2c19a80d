import { writeSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { files } from "../assets/files.ts";
import { sharpImages } from "../assets/sharp.ts";
import { systemClock } from "../core/clock.ts";
import { silentLogger } from "../core/logger.ts";
import { createAssetLibrary } from "../engine/asset-library.ts";
import { sqlite } from "../store/sqlite/index.ts";

/**
 * A process that stores one picture of ann's and stands still, to be killed, just before its bytes are written or just
 * after. It says the key that it writes to; that it is done it would say, too.
 */
interface Task {
	readonly folder: string;
	readonly standsStill: "before its bytes" | "after its bytes";
}

const { folder, standsStill } = JSON.parse(process.argv[2] as string) as Task;
const assets = files(join(folder, "bytes"));
const library = createAssetLibrary({
	store: sqlite(join(folder, "rows.db")),
	assets: {
		...assets,
		async put(key, bytes, contentType) {
			if (standsStill === "after its bytes") await assets.put(key, bytes, contentType);
			writeSync(1, `${key}\n`);
			// The whole process, until it is killed.
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
		},
	},
	images: sharpImages(),
	clock: systemClock,
	uploadLimitBytes: 1_000_000,
	logger: silentLogger,
});
const photo = await sharp({ create: { width: 40, height: 30, channels: 3, background: "teal" } })
	.jpeg()
	.toBuffer();
await library.forJob({ owner: "ann", onSaved: () => {} }).save(photo);
writeSync(1, "done\n");
