import { expect, test } from "vitest";
import { checkLockfile } from "./lockfile.ts";

function lockfile(...places: string[]): string {
	const optionalDependencies = { "@tool/darwin": "1.0.0" };
	return JSON.stringify({
		packages: {
			"": { optionalDependencies: { "node-linux": "24" } },
			"node_modules/node-linux": {},
			"node_modules/app/node_modules/tool": { version: "1.0.0", optionalDependencies },
			...Object.fromEntries(places.map((place) => [place, {}])),
		},
	});
}

test.each(["node_modules/app/node_modules/tool/node_modules/@tool/darwin", "node_modules/@tool/darwin"])(
	"a lockfile with the binary of another platform at %s is whole",
	(place) => expect(checkLockfile("package-lock.json", lockfile(place))).toEqual([]),
);

test("a lockfile that lost the binary of another platform is refused, by name", () => {
	expect(checkLockfile("package-lock.json", lockfile())).toEqual([
		expect.stringMatching(/lacks @tool\/darwin, which .*app.*tool 1\.0\.0/),
	]);
});

test("one that is kept only for another package does not count", () => {
	const elsewhere = "node_modules/other/node_modules/@tool/darwin";
	expect(checkLockfile("package-lock.json", lockfile(elsewhere))).toHaveLength(1);
});
