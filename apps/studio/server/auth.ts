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
import { createStarterCredits } from "./starter-credits.ts";

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

/** Brings the tables up to date, for a process in which nobody signs in. */
export async function migrateAuth(): Promise<void> {
	const database = openAuthDatabase(getConfig());
	try {
		await migrate(database, authOptions(database));
	} finally {
		await database.close();
	}
}

function migrate(database: AuthDatabase, options: ReturnType<typeof authOptions>): Promise<void> {
	return database.migrate(async () => (await getMigrations(options)).runMigrations());
}

async function openAuth() {
	const database = openAuthDatabase(getConfig());
	try {
		const options = authOptions(database);
		await migrate(database, options);
		return { auth: betterAuth(options), database };
	} catch (error) {
		await database.close();
		throw error;
	}
}

/**
 * Whoever is made is promised starter credits in the same commit: a guest, and somebody who signs up without having been
 * one. They are given before anything else is done for them (session.ts). A guest who signs up has had them, and brings
 * along what is left of them.
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
		user: { additionalFields: { starterCredits: { type: "number", required: false, input: false } } },
		databaseHooks: {
			user: {
				create: {
					before: async (user, context) => {
						const before = context ? await getSessionFromCtx(context, { disableRefresh: true }) : null;
						const wasGuest = before?.user.isAnonymous === true;
						return { data: { ...user, starterCredits: wasGuest ? 0 : config.starterCredits } };
					},
				},
			},
		},
		plugins: [
			anonymous({
				generateName: () => "Guest",
				onLinkAccount: ({ anonymousUser: { user: guest }, newUser, ctx }) =>
					adoptGuest({ guest, account: newUser.user.id, isNew: ctx.path === "/sign-up/email" }),
			}),
			nextCookies(),
		],
	} satisfies BetterAuthOptions;
}

/** What a user was promised when they were made; nothing is known of those who were made before it was written down. */
type Promised = { readonly id: string; readonly starterCredits?: number | null };

const giveStarterCredits = createStarterCredits(async (grant) => (await getDarkroom()).grantCredits(grant));

/** To be called before anything is done for a user. @throws `store_unavailable` */
export async function keepPromise({ id, starterCredits }: Promised): Promise<void> {
	await giveStarterCredits(id, starterCredits ?? 0);
}

/** Everything of the guest's becomes the account's. Somebody who had an account had starter credits, and has them once. */
async function adoptGuest(link: {
	readonly guest: Promised;
	readonly account: string;
	readonly isNew: boolean;
}): Promise<void> {
	const { guest, account, isNew } = link;
	await keepPromise(guest);
	const darkroom = await getDarkroom();
	if (!isNew) {
		const { available } = await darkroom.getBalance(guest.id);
		const unused = Math.min(available, guest.starterCredits ?? getConfig().starterCredits);
		if (unused > 0) await darkroom.grantCredits({ owner: guest.id, amount: -unused, key: "starter-returned" });
	}
	await darkroom.transferOwner({ from: guest.id, to: account });
}

function logFromAuth(level: "debug" | "info" | "warn" | "error", message: string): void {
	// Known and wanted: see `BETTER_AUTH_URL` in .env.example.
	if (message.includes("Base URL is not set")) return;
	getLogger()[level]({ component: "auth" }, message);
}
