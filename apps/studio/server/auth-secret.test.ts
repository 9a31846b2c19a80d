import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keptSecret } from "./auth-secret.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "studio-secret-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("gives the same secret for ever, so that a restart signs nobody out", () => {
	const first = keptSecret(folder);
	expect(first.length).toBeGreaterThanOrEqual(43);
	expect(keptSecret(folder)).toBe(first);
});

it("makes a different one for each data folder", () => {
	expect(keptSecret(join(folder, "a"))).not.toBe(keptSecret(join(folder, "b")));
});

it("keeps it readable to the owner alone and leaves no draft behind", () => {
	keptSecret(folder);
	expect(readdirSync(folder)).toEqual(["auth-secret"]);
	expect(statSync(join(folder, "auth-secret")).mode & 0o077).toBe(0);
});
