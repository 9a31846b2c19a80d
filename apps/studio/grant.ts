import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import nextEnv from "@next/env";
import { isDarkroomError } from "darkroom";
import { closeAuth } from "./server/auth.ts";
import { ConfigError, getConfig } from "./server/config.ts";
import { makeStore } from "./server/darkroom.ts";
import { type AccountGrant, grantToAccount } from "./server/grant.ts";
import { checkRows } from "./server/process.ts";

/**
 * `npm run grant -- --email ada@example.com --amount 10`: gives an account credits, while the Studio runs or not. A negative
 * amount (`--amount=-5`) takes what is available. With `--key` the same command again gives nothing again; without, it does.
 */
nextEnv.loadEnvConfig(import.meta.dirname, false);

async function grant(): Promise<void> {
	const asked = readCommand();
	const config = getConfig();
	await checkRows(config);
	const store = await makeStore(config);
	await store.open();
	try {
		const { available, held } = await grantToAccount(store, asked);
		process.stdout.write(`${asked.email}: ${available} credits available, ${held} in use\n`);
	} finally {
		await Promise.all([store.close(), closeAuth()]);
	}
}

/** @throws ConfigError */
function readCommand(): AccountGrant {
	const { email, amount, key } = readOptions();
	if (!email) throw new ConfigError("--email is missing: whose account it is.");
	if (!amount || !/^-?[1-9]\d{0,5}$/.test(amount)) {
		throw new ConfigError(
			`--amount is "${amount ?? ""}": it must be a whole number of credits, from 1 to 999999 or below 0.`,
		);
	}
	return { email, amount: Number(amount), key: key ?? randomUUID() };
}

function readOptions() {
	const one = { type: "string" } as const;
	try {
		return parseArgs({ options: { email: one, amount: one, key: one } }).values;
	} catch (cause) {
		throw new ConfigError((cause as Error).message, { cause });
	}
}

try {
	await grant();
} catch (error) {
	const isOurs = error instanceof ConfigError || isDarkroomError(error);
	process.stderr.write(`Nothing was given. ${isOurs ? error.message : (error as Error).stack}\n`);
	process.exitCode = 1;
}
