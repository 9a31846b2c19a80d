import { expect, it } from "vitest";
import { whyUnusable } from "./check-photo.ts";

const limit = 10 * 1024 * 1024;

it("takes the photos that phones make, large ones too", () => {
	expect(whyUnusable({ name: "a.jpg", type: "image/jpeg", size: 8_400_000 }, limit)).toBeUndefined();
	expect(whyUnusable({ name: "a.png", type: "image/png", size: limit }, limit)).toBeUndefined();
});

it("names the size and the limit of one that is too large", () => {
	const sentence = whyUnusable({ name: "a.jpg", type: "image/jpeg", size: limit + 1 }, limit);
	expect(sentence).toContain("11 MB");
	expect(sentence).toContain("10 MB");
});

it("tells the owner of a HEIC photo what to do, also when the browser does not know the type", () => {
	expect(whyUnusable({ name: "IMG_1.HEIC", type: "", size: 1 }, limit)).toContain("Most Compatible");
	expect(whyUnusable({ name: "a", type: "image/heic", size: 1 }, limit)).toContain("JPEG");
});

it.each(["application/pdf", "image/svg+xml", "text/plain", ""])("refuses %j", (type) => {
	expect(whyUnusable({ name: "a", type, size: 1 }, limit)).toContain("not a photo");
});

it("refuses an empty file", () => {
	expect(whyUnusable({ name: "a.jpg", type: "image/jpeg", size: 0 }, limit)).toContain("empty");
});
