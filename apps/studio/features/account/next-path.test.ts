import { expect, it } from "vitest";
import { nextPath } from "./next-path.ts";

it.each(["/gallery", "/plushies/01abc", "/gallery?show=failed"])("goes back to %s", (path) => {
	expect(nextPath(path)).toBe(path);
});

it.each([
	undefined,
	"",
	"gallery",
	"https://evil.example/",
	"//evil.example/",
	"/\\evil.example/",
	"/\t/evil.example/",
	["/a", "/b"],
])("never leaves the site for %j", (value) => {
	const path = nextPath(value);
	expect(new URL(path, "https://studio.example").origin).toBe("https://studio.example");
	expect(path).toBe("/plushies");
});
