import type sharp from "sharp";
import { DarkroomError } from "../../core/errors.ts";

/** For a PNG that is read again at once: packing it would take longer than drawing it. */
export const unpacked = { compressionLevel: 0 } as const;

/** Loaded with the first picture: a native library has no place in a process that never draws. @throws `misconfigured` */
export async function loadSharp(): Promise<typeof sharp> {
	try {
		return (await import("sharp")).default;
	} catch (cause) {
		throw new DarkroomError("misconfigured", {
			detail:
				'The placeholder models draw with the package "sharp", which cannot be loaded. Install it: npm install sharp',
			cause,
		});
	}
}
