import type sharp from "sharp";
import { DarkroomError } from "../../core/errors.ts";

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
