import { expect, it } from "vitest";
import { fileNameOf } from "./file-name.ts";

it.each([
	["A brown dog with a red collar, sitting in the grass.", "plushie-of-brown-dog-with-a-red-collar-sitting"],
	["This is José’s cat", "plushie-of-jose-s-cat"],
	["../../etc/passwd", "plushie-of-etc-passwd"],
	["小猫", "plushie"],
	["", "plushie"],
	["Teddy".repeat(30), "plushie"],
])("a download of %j is called %s", (description, name) => {
	expect(fileNameOf(description)).toBe(name);
});
