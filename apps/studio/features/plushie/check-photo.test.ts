import { expect, it } from "vitest";
import { acceptOf, formatWords, whyTooSmall, whyUnusable } from "./check-photo.ts";

const limitBytes = 10 * 1024 * 1024;
const usual = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"];
const rules = { limitBytes, minSidePixels: 32, types: usual };
const withHeic = { ...rules, types: [...usual, "image/heic"] };

it("takes the photos that phones make, large ones too", () => {
	expect(whyUnusable({ name: "a.jpg", type: "image/jpeg", size: 8_400_000 }, rules)).toBeUndefined();
	expect(whyUnusable({ name: "a.png", type: "image/png", size: limitBytes }, rules)).toBeUndefined();
});

it("names the size and the limit of one that is too large", () => {
	const sentence = whyUnusable({ name: "a.jpg", type: "image/jpeg", size: limitBytes + 1 }, rules);
	expect(sentence).toContain("11 MB");
	expect(sentence).toContain("10 MB");
});

it("calls a photo too small by its shortest side, and names both", () => {
	expect(whyTooSmall({ width: 31, height: 900 }, rules)).toContain("too small: it has 31 × 900 pixels");
	expect(whyTooSmall({ width: 900, height: 31 }, rules)).toContain("at least 32");
	expect(whyTooSmall({ width: 32, height: 32 }, rules)).toBeUndefined();
});

const heicFiles = [
	{ name: "IMG_1.HEIC", type: "", size: 1 },
	{ name: "a", type: "image/heic", size: 1 },
	{ name: "a.heif", type: "image/heif", size: 1 },
];

it.each(heicFiles)("tells the owner of a HEIC photo what to do, also where the browser has no type: %j", (file) => {
	expect(whyUnusable(file, rules)).toContain("Export it as JPEG");
	expect(whyUnusable(file, rules)).toContain("Settings → Camera → Formats → Most Compatible");
});

it.each(heicFiles)("refuses no HEIC photo where the server can read it: %j", (file) => {
	expect(whyUnusable(file, withHeic)).toBeUndefined();
});

it("offers HEIC in the file chooser only where the server can read it, so that an iPhone converts it otherwise", () => {
	expect(acceptOf(usual)).toBe("image/jpeg,image/png,image/webp,image/avif,image/gif");
	expect(acceptOf(withHeic.types)).toContain("image/heic,.heic,.heif");
});

it("names the formats as people write them", () => {
	expect(formatWords(usual)).toBe("JPEG, PNG, WebP, AVIF or GIF");
	expect(formatWords(["image/png"])).toBe("PNG");
});

it.each(["application/pdf", "image/svg+xml", "text/plain", ""])("refuses %j", (type) => {
	expect(whyUnusable({ name: "a", type, size: 1 }, rules)).toContain("not a photo");
});

it("refuses an empty file", () => {
	expect(whyUnusable({ name: "a.jpg", type: "image/jpeg", size: 0 }, rules)).toContain("empty");
});
