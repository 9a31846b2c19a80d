import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
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

const script = fileURLToPath(new URL("./check-port.ts", import.meta.url));

function start(PORT: string) {
	return spawnSync(process.execPath, [script], { env: { ...process.env, PORT }, encoding: "utf8" });
}

test("a start with a wrong PORT ends in one sentence", () => {
	const refused = start("abc");
	expect(refused.status).toBe(1);
	expect(refused.stderr).toContain('Darkroom Studio cannot start. PORT is "abc"');
	expect(start("0").status).toBe(0);
});

test("a start on a port that is in use says so, and which to take, before anything is built", async () => {
	const other = createServer().listen(0);
	await once(other, "listening");
	const { port } = other.address() as AddressInfo;
	const refused = start(String(port));
	other.close();
	expect(refused.status).toBe(1);
	expect(refused.stderr).toBe(
		`Darkroom Studio cannot start. Port ${port} is in use. Choose another: PORT=${port + 1} npm start\n`,
	);
});
