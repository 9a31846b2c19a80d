import { z } from "zod";

/** How the Studio reaches Inngest, and how Inngest's calls are known. Names and meanings of the variables are Inngest's own. */
export interface InngestConfig {
	/** Inngest's dev server, which has no keys: events go to it, and its calls are believed unsigned. */
	readonly isDev: boolean;
	/** Where Inngest is; null leaves it to the SDK: http://localhost:8288 for the dev server, else Inngest's cloud. */
	readonly baseUrl: string | null;
	/** With which events are accepted there. Never null outside dev mode. */
	readonly eventKey: string | null;
	/** With which calls and answers are signed. Never null outside dev mode. */
	readonly signingKey: string | null;
	/** Whether anybody may make this process tell Inngest of its functions again, which tells the caller nothing. */
	readonly allowsUnsignedSync: boolean;
}

const isSwitch = (value: string) => /^([01]|true|false)$/i.test(value);
const isOn = (value: string) => /^(1|true)$/i.test(value);
/** A request may not carry a password in its address, so none can hide in it. */
const isAddress = (value: string) => /^https?:\/\/[^\s/@]+(\/[^\s@]*)?$/i.test(value) && URL.canParse(value);

/**
 * Stricter than Inngest's SDK, which takes any other word in INNGEST_DEV for a host, and any text for a key, with which
 * then no signature fits.
 */
export const inngestVariables = {
	INNGEST_DEV: z
		.string()
		.refine(
			(value) => isSwitch(value) || isAddress(value),
			'must be "1" for Inngest\'s dev server, "0", or that server\'s address, such as http://localhost:8288',
		)
		.default("0"),
	INNGEST_BASE_URL: z
		.string()
		.refine(isAddress, "must be the address of an Inngest server, such as http://localhost:8288")
		.optional(),
	INNGEST_EVENT_KEY: z
		.string()
		.regex(/^[\w.~-]+$/, "must be an event key of Inngest's: letters, digits and -, with no space")
		.optional(),
	INNGEST_SIGNING_KEY: z
		.string()
		.regex(
			/^(signkey-\w+-)?([0-9a-f]{2})+$/i,
			"must be hexadecimal, with an even number of digits, as `openssl rand -hex 32` makes one, or a key of Inngest's cloud (signkey-…)",
		)
		.optional(),
	INNGEST_ENABLE_UNAUTHED_SYNC: z.string().refine(isSwitch, 'must be "true" or "false"').default("false"),
};

type Values = z.infer<z.ZodObject<typeof inngestVariables>>;

/** A variable that does not go with the others, and what it must be. */
interface Clash {
	readonly name: keyof Values;
	readonly sentence: string;
}

/** What would let a stranger in, or no event out; asked only where jobs run on Inngest. */
export function inngestClashes(values: Values, publicUrl: string | undefined): Clash[] {
	const { isDev, baseUrl, eventKey, signingKey } = toInngestConfig(values);
	const clashes: Clash[] = [];
	if (isDev && publicUrl?.startsWith("https:")) {
		const sentence =
			"must be off where BETTER_AUTH_URL is an https address: in dev mode Inngest's calls are not signed, and anybody could make them";
		clashes.push({ name: "INNGEST_DEV", sentence });
	}
	if (!isDev && signingKey === null) {
		const sentence =
			'must be set where DARKROOM_ENGINE is "inngest", to know Inngest\'s calls by; for its dev server set INNGEST_DEV=1 instead';
		clashes.push({ name: "INNGEST_SIGNING_KEY", sentence });
	}
	if (!isDev && baseUrl === null && signingKey !== null && !signingKey.startsWith("signkey-")) {
		const sentence =
			"must be set where INNGEST_SIGNING_KEY is of a server of your own: without it events would go to Inngest's cloud, whose keys begin with signkey-";
		clashes.push({ name: "INNGEST_BASE_URL", sentence });
	}
	if (!isDev && eventKey === null) {
		const sentence = 'must be set where DARKROOM_ENGINE is "inngest": without it Inngest takes no events';
		clashes.push({ name: "INNGEST_EVENT_KEY", sentence });
	}
	return clashes;
}

export function toInngestConfig(values: Values): InngestConfig {
	const { INNGEST_DEV: dev, INNGEST_BASE_URL: baseUrl } = values;
	const devUrl = isSwitch(dev) ? null : dev;
	return {
		isDev: devUrl !== null || isOn(dev),
		baseUrl: baseUrl ?? devUrl,
		eventKey: values.INNGEST_EVENT_KEY ?? null,
		signingKey: values.INNGEST_SIGNING_KEY ?? null,
		allowsUnsignedSync: isOn(values.INNGEST_ENABLE_UNAUTHED_SYNC),
	};
}
