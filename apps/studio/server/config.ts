import { resolve } from "node:path";
import { z } from "zod";
import { type InngestConfig, inngestClashes, inngestVariables, toInngestConfig } from "./inngest-config.ts";

/**
 * The Studio's configuration, from the environment. Every variable is optional, and an empty one counts as
 * absent, as in a copied `.env.example`. A wrong value stops the start: `readConfig` throws a `ConfigError`
 * whose message names the variable, what it is, and what it may be. The models' variables are read, and judged in
 * the same way, by `modelsFromEnvironment`.
 */
export interface Config {
	/** Absolute path of the folder that holds the databases, the pictures and the kept secret. */
	readonly dataFolder: string;
	/** Postgres, for jobs, credits, accounts and sessions; null keeps them in the data folder. */
	readonly databaseUrl: string | null;
	/** Whether its connections last, so that news of other processes is heard by `LISTEN`; false behind a pooler. */
	readonly databaseListens: boolean;
	/** Where jobs run on Inngest; null for the embedded engine, in this process. */
	readonly inngest: InngestConfig | null;
	/** Jobs that run at once in this process, on the embedded engine; 0 for one that only serves. */
	readonly concurrency: number;
	/** Credits that a new guest or account is given once. */
	readonly starterCredits: number;
	/** Bearer secret of `POST /api/process-generation-jobs`; null closes that route. */
	readonly cronSecret: string | null;
	/** Signs sessions; null means that one is made and kept in the data folder. */
	readonly authSecret: string | null;
	/** Where the Studio is reached from outside; null means that each request's own host counts. */
	readonly publicUrl: string | null;
	/** Addresses of the proxies in front, whose `X-Forwarded-For` is believed. */
	readonly trustedProxies: readonly string[];
	/** Logs requests, database operations and stacks. */
	readonly isDebug: boolean;
}

export class ConfigError extends Error {
	override readonly name = "ConfigError";
}

const wholeNumber = z
	.string()
	.regex(/^\d{1,6}$/, "must be a whole number from 0 to 999999")
	.transform(Number);
const secret = z.string().min(32, "must have at least 32 characters; `openssl rand -base64 32` makes one");

const variables = z.object({
	DARKROOM_DATA: z.string().default("./.data"),
	DATABASE_URL: z
		.url({
			protocol: /^postgres(ql)?$/,
			error: "must be the address of a Postgres database, such as postgres://user:password@host:5432/name",
		})
		.optional(),
	DATABASE_LISTEN: z.enum(["true", "false"], 'must be "true" or "false"').default("true"),
	DARKROOM_CONCURRENCY: wholeNumber.default(50),
	DARKROOM_ENGINE: z.enum(["embedded", "inngest"], 'must be "embedded" or "inngest"').default("embedded"),
	...inngestVariables,
	ASSETS: z.literal("files", 'must be "files"').default("files"),
	STARTER_CREDITS: wholeNumber.default(20),
	CRON_SECRET: z.string().min(16, "must have at least 16 characters").optional(),
	BETTER_AUTH_SECRET: secret.optional(),
	BETTER_AUTH_URL: z
		.url({ protocol: /^https?$/, error: "must be a URL, such as https://studio.example.com" })
		.optional(),
	TRUSTED_PROXIES: z.string().optional(),
	DEBUG: z.enum(["true", "false"], 'must be "true" or "false"').default("false"),
});

const schema = variables.check(({ value, issues }) => {
	if (value.DARKROOM_ENGINE !== "inngest") return;
	for (const { name, sentence } of inngestClashes(value, value.BETTER_AUTH_URL)) {
		issues.push({ code: "custom", path: [name], message: sentence, input: value });
	}
});

/** A secret's value never reaches a message; the database's address holds its password. */
const hidden = new Set([
	"CRON_SECRET",
	"BETTER_AUTH_SECRET",
	"DATABASE_URL",
	"INNGEST_BASE_URL",
	"INNGEST_EVENT_KEY",
	"INNGEST_SIGNING_KEY",
]);

/** @throws ConfigError */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
	const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
	const parsed = schema.safeParse(given);
	if (!parsed.success) {
		const sentences = parsed.error.issues.map((issue) => {
			const name = String(issue.path[0]);
			return hidden.has(name) ? `${name} ${issue.message}.` : `${name} is "${given[name]}": it ${issue.message}.`;
		});
		throw new ConfigError(sentences.join(" "), { cause: parsed.error });
	}
	const values = parsed.data;
	return {
		dataFolder: resolve(values.DARKROOM_DATA),
		databaseUrl: values.DATABASE_URL ?? null,
		databaseListens: values.DATABASE_LISTEN === "true",
		inngest: values.DARKROOM_ENGINE === "inngest" ? toInngestConfig(values) : null,
		concurrency: values.DARKROOM_CONCURRENCY,
		starterCredits: values.STARTER_CREDITS,
		cronSecret: values.CRON_SECRET ?? null,
		authSecret: values.BETTER_AUTH_SECRET ?? null,
		publicUrl: values.BETTER_AUTH_URL ?? null,
		trustedProxies: values.TRUSTED_PROXIES?.split(",").map((address) => address.trim()) ?? [],
		isDebug: values.DEBUG === "true",
	};
}

let config: Config | undefined;

/** This process's configuration, read once. @throws ConfigError */
export function getConfig(): Config {
	config ??= readConfig(process.env);
	return config;
}
