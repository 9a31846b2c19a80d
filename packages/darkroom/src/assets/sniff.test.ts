import { expect, test } from "vitest";
import { sniffImage } from "./sniff.ts";

test.each([
	["jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"],
	["png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
	["webp", "RIFF\x24\0\0\0WEBPVP8 "],
	["gif", "GIF87a\x01\0\x01\0"],
	["gif", "GIF89a\x01\0\x01\0"],
	["avif", "\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf"],
	["avif", "\0\0\0\x18ftypmif1\0\0\0\0mif1avif"],
	["heic", "\0\0\0\x18ftypheic\0\0\0\0mif1heic"],
	["heic", "\0\0\0\x18ftypmif1\0\0\0\0mif1heic"],
])("%s is known by its first bytes", (format, head) => {
	expect(sniffImage(latin1(head))).toBe(format);
});

test.each([
	["nothing", ""],
	["a text", "hello"],
	["a part of a signature", "\x89PN"],
	["a sound in the same container as WebP", "RIFF\x24\0\0\0WAVEfmt "],
	["a film in the same container as AVIF", "\0\0\0\x18ftypisom\0\0\0\0isommp42"],
	["a brand outside of its box", "\0\0\0\x10ftypisom\0\0\0\0avif"],
	["a drawing in XML", "<svg xmlns='http://www.w3.org/2000/svg'/>"],
	["a PDF", "%PDF-1.7"],
	["a TIFF", "II*\0"],
])("%s is no picture", (_, head) => {
	expect(sniffImage(latin1(head))).toBeUndefined();
});

function latin1(text: string): Uint8Array {
	return Buffer.from(text, "latin1");
}
