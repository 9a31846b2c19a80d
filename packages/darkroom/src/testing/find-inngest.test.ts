import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findInngest } from "./find-inngest.testsuite.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "darkroom-find-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, mode = 0o755): string {
	const file = join(folder, name);
	mkdirSync(join(file, ".."), { recursive: true });
	writeFileSync(file, "");
	chmodSync(file, mode);
	return file;
}

test("a server that runs comes first, then the program that is named, then the first in the PATH", () => {
	const first = program("first/inngest-cli");
	const second = program("second/inngest");
	const PATH = [join(folder, "none"), join(folder, "first"), join(folder, "second")].join(delimiter);
	expect(findInngest({ PATH })).toEqual({ program: first });
	expect(findInngest({ PATH, INNGEST_BIN: second })).toEqual({ program: second });
	const running = { PATH, INNGEST_BIN: second, INNGEST_BASE_URL: "http://localhost:8288/" };
	expect(findInngest(running)).toEqual({ url: "http://localhost:8288" });
});

test("what is no program is none, and a name that leads nowhere is not replaced by what happens to be in the PATH", () => {
	program("first/inngest", 0o644);
	mkdirSync(join(folder, "second", "inngest"), { recursive: true });
	const PATH = [join(folder, "first"), join(folder, "second")].join(delimiter);
	expect(findInngest({ PATH })).toBeUndefined();
	expect(findInngest({})).toBeUndefined();
	const there = program("third/inngest");
	expect(findInngest({ PATH: join(there, ".."), INNGEST_BIN: join(folder, "gone") })).toBeUndefined();
});
