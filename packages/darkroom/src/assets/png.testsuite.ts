import { crc32, deflateSync } from "node:zlib";

export interface PngClaim {
	readonly width: number;
	readonly height: number;
	/** 1 is black and white, 24 is colour. */
	readonly bitsPerPixel: 1 | 24;
}

/** A PNG of any claim: the header is right, the picture data is what is given (https://www.w3.org/TR/png-3). */
export function pngOf({ width, height, bitsPerPixel }: PngClaim, data: Buffer): Buffer {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set(bitsPerPixel === 1 ? [1, 0] : [8, 2], 8);
	const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
	return Buffer.concat([
		signature,
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(data)),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

/** Black all over: a small file, made in no time, that unfolds into all of its pixels. */
export function blackPng(width: number, height: number): Buffer {
	// Each line begins with a byte that says how it is filtered.
	return pngOf({ width, height, bitsPerPixel: 1 }, Buffer.alloc(height * (1 + Math.ceil(width / 8))));
}

function chunk(type: string, data: Buffer): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	const checked = Buffer.concat([Buffer.from(type, "latin1"), data]);
	const checksum = Buffer.alloc(4);
	checksum.writeUInt32BE(crc32(checked));
	return Buffer.concat([length, checked, checksum]);
}
