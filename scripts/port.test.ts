import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { portFault } from "./port.ts";

test.each([undefined, "", "0", "3000", "65535"])("PORT=%s is taken", (value) => {
	expect(portFault(value)).toBeUndefined();
});

test.each(["abc", "-1", "65536", "99999", "3000.5", "0x50", "300000", " "])(
	"PORT=%s is refused by its name",
	(value) => {
		expect(portFault(value)).toContain(`PORT is "${value}"`);
	},
);

test("a start with a wrong PORT ends in one sentence", () => {
	const script = fileURLToPath(new URL("./check-port.ts", import.meta.url));
	const start = (PORT: string) =>
		spawnSync(process.execPath, [script], { env: { ...process.env, PORT }, encoding: "utf8" });
	const refused = start("abc");
	expect(refused.status).toBe(1);
	expect(refused.stderr).toContain('Darkroom Studio cannot start. PORT is "abc"');
	expect(start("3000").status).toBe(0);
});
