import { expect, it } from "vitest";
import { fileNameOf } from "./file-name.ts";

it.each([
	["A brown dog with a red collar, sitting in the grass.", "plushie-of-brown-dog-with-a-red-collar"],
	[
		"A person in a portrait picture in bright, even light, mostly pale yellow.",
		"plushie-of-person-in-a-portrait-picture",
	],
	["A small fluffy black and white border collie dog", "plushie-of-small-fluffy-black-and-white-border-collie"],
	["Ada, Bob, Cleo, Dora, Emil and the others of them all", "plushie-of-ada-bob-cleo-dora-emil"],
	["A cat that is on the very old red sofa", "plushie-of-cat"],
	["This is José’s cat", "plushie-of-jose-s-cat"],
	["../../etc/passwd", "plushie-of-etc-passwd"],
	["小猫", "plushie"],
	["", "plushie"],
	["Teddy".repeat(30), "plushie"],
])("a download of %j is called %s", (description, name) => {
	expect(fileNameOf(description)).toBe(name);
});
