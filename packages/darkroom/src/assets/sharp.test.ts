import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { heicSample } from "./heic-sample.ts";
import { pixelLimit, sideLimit } from "./images.ts";
import { pngOf } from "./png.testsuite.ts";
import { sharpImages } from "./sharp.ts";

const images = sharpImages();

test("the types that can be read are told, and every one of them can", async () => {
	const types = await images.types();
	expect(types).toEqual(["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"]);
	for (const type of types) {
		const bytes = await noise(30, 20)
			.toFormat(type.slice("image/".length) as "jpeg")
			.toBuffer();
		await expect(images.prepare(bytes)).resolves.toMatchObject({ width: 30, height: 20 });
	}
	// The builds of sharp from npm cannot read HEIC; were it among the types, it would have to be readable.
	await expect(images.prepare(heicSample)).rejects.toMatchObject({ code: "unsupported_image" });
});

describe("what cannot be used is refused, and the answer says why", () => {
	test.each([
		["a text named .png", Buffer.from("This is no picture at all, whatever it is called.\n".repeat(20))],
		["an SVG, which could run scripts and load files", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
		["nothing", new Uint8Array()],
	])("%s is an unsupported_image", async (_, bytes) => {
		await expect(images.prepare(bytes)).rejects.toMatchObject({ code: "unsupported_image", status: 415 });
		await expect(images.resize(bytes, 64)).rejects.toMatchObject({ code: "unsupported_image" });
	});

	test.each([
		["a HEIC picture", heicSample],
		["a HEIC picture that is cut off", heicSample.subarray(0, 100)],
	])("%s is an unsupported_image, with the advice to export it as JPEG", async (_, bytes) => {
		await expect(images.prepare(bytes)).rejects.toMatchObject({
			code: "unsupported_image",
			detail: expect.stringContaining("JPEG"),
			cause: expect.any(Error),
		});
	});

	test.each(["jpeg", "png", "webp", "avif", "gif"] as const)(
		"a truncated %s is an unreadable_image",
		async (format) => {
			const whole = await noise(300, 200).toFormat(format).toBuffer();
			for (const share of [0.1, 0.5, 0.9]) {
				const cut = whole.subarray(0, Math.floor(whole.length * share));
				await expect(images.prepare(cut)).rejects.toMatchObject({
					code: "unreadable_image",
					status: 422,
					cause: expect.any(Error),
				});
			}
		},
	);

	test("a truncated progressive JPEG is an unreadable_image", async () => {
		const whole = await noise(300, 200).jpeg({ progressive: true }).toBuffer();
		const cut = whole.subarray(0, Math.floor(whole.length * 0.7));
		await expect(images.prepare(cut)).rejects.toMatchObject({ code: "unreadable_image" });
	});

	test("a PNG with garbage in its middle is an unreadable_image", async () => {
		const broken = await noise(300, 200).png().toBuffer();
		const middle = Math.floor(broken.length / 2);
		broken.fill(0x55, middle, middle + 200);
		await expect(images.prepare(broken)).rejects.toMatchObject({ code: "unreadable_image" });
	});

	test("a JPEG that has lost a part of its data is an unreadable_image, though a decoder would fill it with grey", async () => {
		const whole = await noise(300, 200).jpeg().toBuffer();
		const gap = Math.floor(whole.length * 0.3);
		const broken = Buffer.concat([whole.subarray(0, gap), whole.subarray(gap + 4_000)]);
		await expect(images.prepare(broken)).rejects.toMatchObject({ code: "unreadable_image" });
	});

	test("a JPEG with a small fault of the sort that cameras write is taken", async () => {
		const whole = await noise(300, 200).jpeg().toBuffer();
		const frame = whole.indexOf(Buffer.from([0xff, 0xc0]));
		const odd = Buffer.concat([whole.subarray(0, frame), Buffer.alloc(3), whole.subarray(frame)]);
		expect(await images.prepare(odd)).toMatchObject({ contentType: "image/jpeg", width: 300, height: 200 });
	});

	test("a JPEG signature before rubbish is an unreadable_image", async () => {
		const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2_000, 0x41)]);
		await expect(images.prepare(bytes)).rejects.toMatchObject({ code: "unreadable_image" });
	});

	test.each([
		["30000 × 30000 pixels", 30_000, 30_000],
		["more pixels than the limit on sides that are allowed", 10_000, pixelLimit / 10_000 + 1],
		["a side over the limit", sideLimit + 1, 1],
	])("a small PNG that declares %s is refused by its header, before anything is decoded", async (_, width, height) => {
		// Its picture data is rubbish: a decoder that began on it would complain about that instead.
		const bomb = pngOf({ width, height, bitsPerPixel: 24 }, Buffer.alloc(100));
		const refusal = { code: "unreadable_image", detail: expect.stringContaining(`${width} × ${height} pixels`) };
		await expect(images.prepare(bomb)).rejects.toMatchObject(refusal);
		await expect(images.resize(bomb, 64)).rejects.toMatchObject(refusal);
	});

	test("a picture at the edge of what is allowed is accepted, and has a thumbnail", async () => {
		const bytes = await plain(2, sideLimit).png().toBuffer();
		expect(await images.prepare(bytes)).toMatchObject({ width: 2, height: sideLimit });
		expect(await sharp((await images.resize(bytes, 64)).bytes).metadata()).toMatchObject({
			width: 2,
			height: sideLimit,
		});
	});
});

describe("what comes out", () => {
	test("is upright, and knows nothing of place, camera or author", async () => {
		const photo = await halves(80, 40)
			.withExif({ IFD0: { Artist: "Secret Author", Make: "Secret Camera" }, IFD3: { GPSLatitude: "48/1 8/1 0/1" } })
			.withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><Secret/></x:xmpmeta>')
			.withMetadata({ orientation: 6 })
			.jpeg()
			.toBuffer();
		expect(photo.toString("latin1")).toContain("Secret Author");

		const prepared = await images.prepare(photo);

		expect(prepared).toMatchObject({ contentType: "image/jpeg", width: 40, height: 80 });
		// Orientation 6 turns it a quarter clockwise: what was left is on top.
		expect(await colourAt(prepared.bytes, 20, 10)).toBe("red");
		expect(await colourAt(prepared.bytes, 20, 70)).toBe("blue");
		const { exif, xmp, iptc, icc, orientation } = await sharp(prepared.bytes).metadata();
		expect({ exif, xmp, iptc, icc, orientation }).toEqual({});
		expect(Buffer.from(prepared.bytes).toString("latin1")).not.toContain("Secret");
	});

	test.each([
		["an opaque JPEG", "image/jpeg", () => plain(30, 20).jpeg()],
		["an opaque PNG", "image/jpeg", () => plain(30, 20).png()],
		["a PNG with transparency", "image/png", () => plain(30, 20, 0.5).png()],
		["a 16-bit PNG", "image/jpeg", () => plain(30, 20).toColourspace("rgb16").png()],
		["a 16-bit PNG with transparency", "image/png", () => plain(30, 20, 0.5).toColourspace("rgb16").png()],
		["a grey PNG", "image/jpeg", () => plain(30, 20).toColourspace("b-w").png()],
		["a CMYK JPEG", "image/jpeg", () => plain(30, 20).toColourspace("cmyk").jpeg()],
		["an opaque WebP", "image/webp", () => plain(30, 20).webp()],
		["a WebP with transparency", "image/webp", () => plain(30, 20, 0.5).webp()],
		["an opaque AVIF", "image/jpeg", () => plain(30, 20).avif()],
		["an AVIF with transparency", "image/webp", () => plain(30, 20, 0.5).avif()],
		["a GIF with transparency", "image/webp", () => plain(30, 20, 0).gif()],
	])("of %s is %s, in sRGB, of the same size and transparency", async (_, contentType, make) => {
		const given = await make().toBuffer();
		const prepared = await images.prepare(given);
		expect(prepared).toMatchObject({ contentType, width: 30, height: 20 });
		const [before, after] = await Promise.all([sharp(given).metadata(), sharp(prepared.bytes).metadata()]);
		expect(after).toMatchObject({ space: "srgb", depth: "uchar", hasAlpha: before.hasAlpha });
		expect(`image/${after.format}`).toBe(contentType);
	});

	test("of a photo with a film behind it, as phones make them, is the photo alone", async () => {
		const film = Buffer.from("ftypmp42 and a film".repeat(100));
		const prepared = await images.prepare(Buffer.concat([await plain(30, 20).jpeg().toBuffer(), film]));
		expect(prepared).toMatchObject({ contentType: "image/jpeg", width: 30, height: 20 });
		expect(Buffer.from(prepared.bytes).toString("latin1")).not.toContain("film");
	});

	test("of a wide-gamut photo shows the same colours in sRGB, without the profile", async () => {
		const photo = await plain(30, 20).withIccProfile("p3").jpeg().toBuffer();
		expect((await sharp(photo).metadata()).hasProfile).toBe(true);
		const { bytes } = await images.prepare(photo);
		expect((await sharp(bytes).metadata()).hasProfile).toBe(false);
		expect(await colourAt(bytes, 15, 10)).toBe("red");
	});

	test.each(["gif", "webp"] as const)("of an animated %s is its first frame", async (format) => {
		const frames = await Promise.all([plain(20, 10), plain(20, 10, 1, "blue")].map((f) => f.png().toBuffer()));
		const animation = await sharp(frames, { join: { animated: true } })
			.toFormat(format)
			.toBuffer();
		expect((await sharp(animation).metadata()).pages).toBe(2);
		const prepared = await images.prepare(animation);
		expect(prepared).toMatchObject({ width: 20, height: 10 });
		expect((await sharp(prepared.bytes).metadata()).pages ?? 1).toBe(1);
		expect(await colourAt(prepared.bytes, 10, 5)).toBe("red");
	});

	test("has a blurred stand-in of at most 400 bytes that is a picture itself", async () => {
		for (const [width, height] of [
			[400, 300],
			[300, 1_000],
			[1, 1],
			[5_000, 2],
		] as const) {
			const { blur } = await images.prepare(await noise(width, height, 4).webp({ lossless: true }).toBuffer());
			expect(blur).toMatch(/^data:image\/webp;base64,/);
			expect(blur.length).toBeLessThanOrEqual(400);
			const tiny = await sharp(Buffer.from(blur.split(",")[1] ?? "", "base64")).metadata();
			expect(Math.max(tiny.width, tiny.height)).toBeLessThanOrEqual(16);
		}
	});
});

describe("a smaller picture", () => {
	test("is as wide as asked, keeps its proportions, and is WebP", async () => {
		const { bytes, contentType } = await images.resize(await noise(400, 300).jpeg().toBuffer(), 128);
		expect(contentType).toBe("image/webp");
		expect(await sharp(bytes).metadata()).toMatchObject({ format: "webp", width: 128, height: 96 });
	});

	test("is never larger than the picture", async () => {
		const { bytes } = await images.resize(await noise(40, 30).png().toBuffer(), 1_280);
		expect(await sharp(bytes).metadata()).toMatchObject({ width: 40, height: 30 });
	});

	test("keeps its transparency", async () => {
		const { bytes } = await images.resize(await plain(200, 100, 0.5).png().toBuffer(), 64);
		expect((await sharp(bytes).metadata()).hasAlpha).toBe(true);
	});
});

test("many pictures at once are all prepared, each with its own size", async () => {
	const sizes = Array.from({ length: 12 }, (_, i) => 20 + i);
	const given = await Promise.all(sizes.map((side) => plain(side, side).jpeg().toBuffer()));
	const prepared = await Promise.all(given.map((bytes) => images.prepare(bytes)));
	expect(prepared.map(({ width }) => width)).toEqual(sizes);
});

function plain(width: number, height: number, alpha = 1, colour = "red") {
	const rgb = colour === "red" ? { r: 230, g: 20, b: 20 } : { r: 20, g: 20, b: 230 };
	const background = { ...rgb, alpha };
	return sharp({ create: { width, height, channels: alpha < 1 ? 4 : 3, background } });
}

/** Red on the left, blue on the right. */
function halves(width: number, height: number) {
	const right = { input: { create: { width: width / 2, height, channels: 3 as const, background: "blue" } } };
	return plain(width, height).composite([{ ...right, left: width / 2, top: 0 }]);
}

/** A picture that does not compress, the same each time. */
function noise(width: number, height: number, channels: 3 | 4 = 3) {
	const bytes = Buffer.alloc(width * height * channels);
	for (let i = 0, seed = 1; i < bytes.length; i++) {
		seed = (seed * 48_271) % 2_147_483_647;
		bytes[i] = seed >> 8;
	}
	return sharp(bytes, { raw: { width, height, channels } });
}

async function colourAt(bytes: Uint8Array, x: number, y: number): Promise<"red" | "blue"> {
	const { data } = await sharp(bytes)
		.extract({ left: x, top: y, width: 1, height: 1 })
		.raw()
		.toBuffer({ resolveWithObject: true });
	return (data[0] ?? 0) > (data[2] ?? 0) ? "red" : "blue";
}
