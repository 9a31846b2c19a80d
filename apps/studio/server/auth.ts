import { type BetterAuthOptions, betterAuth } from "better-auth";
import { getSessionFromCtx } from "better-auth/api";
import { getMigrations } from "better-auth/db/migration";
import { nextCookies } from "better-auth/next-js";
import { anonymous } from "better-auth/plugins";
import { type AuthDatabase, openAuthDatabase } from "./auth-database.ts";
import { keptSecret } from "./auth-secret.ts";
import { getConfig } from "./config.ts";
import { getDarkroom } from "./darkroom.ts";
import { getLogger } from "./logger.ts";
import { ownOrigins } from "./own-origins.ts";

type Opened = Awaited<ReturnType<typeof openAuth>>;
export type Auth = Opened["auth"];

const slot = Symbol.for("darkroom.studio.auth");
const holder = globalThis as typeof globalThis & { [slot]?: Promise<Opened> };

/** Sign-in, once a process; the first call opens its database and brings the tables up to date. */
export async function getAuth(): Promise<Auth> {
	holder[slot] ??= openAuth().catch((error: unknown) => {
		// The next request tries again instead of repeating this failure for ever.
		holder[slot] = undefined;
		throw error;
	});
	return (await holder[slot]).auth;
}

/** For a process that ends. */
export async function closeAuth(): Promise<void> {
	await (await holder[slot])?.database.close();
}

async function openAuth() {
	const database = openAuthDatabase(getConfig());
	try {
		const options = authOptions(database);
		await database.migrate(async () => (await getMigrations(options)).runMigrations());
		return { auth: betterAuth(options), database };
	} catch (error) {
		await database.close();
		throw error;
	}
}

/**
 * Starter credits are granted when a user is made: to a guest, and to somebody who signs up without having been
 * one. A guest who signs up has had them, and brings along what is left of them.
 */
function authOptions({ connection, isShared }: AuthDatabase) {
	const config = getConfig();
	return {
		appName: "Darkroom Studio",
		database: connection,
		secret: config.authSecret ?? keptSecret(config.dataFolder),
		...(config.publicUrl ? { baseURL: config.publicUrl } : {}),
		emailAndPassword: { enabled: true, minPasswordLength: 8 },
		session: {
			expiresIn: 30 * 24 * 60 * 60,
			// The signed cookie answers "who is this" for a minute, so that watching a job reads no table of users.
			cookieCache: { enabled: true, maxAge: 60 },
		},
		rateLimit: {
			enabled: process.env.NODE_ENV === "production",
			storage: isShared ? "database" : "memory",
			customRules: { "/sign-in/anonymous": { window: 60, max: 10 } },
		},
		trustedOrigins: (request) => ownOrigins(request?.headers),
		advanced: {
			// Over plain HTTP a browser would drop a secure cookie, on any host but its own machine's.
			useSecureCookies: config.publicUrl?.startsWith("https://") ?? false,
			// Next fills in X-Forwarded-For from the socket when no proxy did; without it, all share one bucket.
			ipAddress: { ipAddressHeaders: ["x-forwarded-for"], trustedProxies: [...config.trustedProxies] },
		},
		logger: { log: logFromAuth },
		// The route answers and logs what is no refusal of sign-in's own (app/api/auth).
		onAPIError: { throw: true },
		telemetry: { enabled: false },
		databaseHooks: {
			user: {
				create: {
					after: async (user, context) => {
						const before = context ? await getSessionFromCtx(context, { disableRefresh: true }) : null;
						const wasGuest = before !== null && before.user.isAnonymous === true && before.user.id !== user.id;
						if (!wasGuest) await grantStarterCredits(user.id);
					},
				},
			},
		},
		plugins: [
			anonymous({
				generateName: () => "Guest",
				onLinkAccount: ({ anonymousUser, newUser, ctx }) =>
					adoptGuest({ guest: anonymousUser.user.id, account: newUser.user.id, isNew: ctx.path === "/sign-up/email" }),
			}),
			nextCookies(),
		],
	} satisfies BetterAuthOptions;
}

async function grantStarterCredits(owner: string): Promise<void> {
	const amount = getConfig().starterCredits;
	if (amount === 0) return;
	const darkroom = await getDarkroom();
	await darkroom.grantCredits({ owner, amount, key: "starter" });
}

/** Everything of the guest's becomes the account's. Somebody who had an account had starter credits, and has them once. */
async function adoptGuest(link: {
	readonly guest: string;
	readonly account: string;
	readonly isNew: boolean;
}): Promise<void> {
	const darkroom = await getDarkroom();
	if (!link.isNew) {
		const { available } = await darkroom.getBalance(link.guest);
		const unused = Math.min(available, getConfig().starterCredits);
		if (unused > 0) await darkroom.grantCredits({ owner: link.guest, amount: -unused, key: "starter-returned" });
	}
	await darkroom.transferOwner({ from: link.guest, to: link.account });
}

function logFromAuth(level: "debug" | "info" | "warn" | "error", message: string): void {
	// Known and wanted: see `BETTER_AUTH_URL` in .env.example.
	if (message.includes("Base URL is not set")) return;
	getLogger()[level]({ component: "auth" }, message);
}
