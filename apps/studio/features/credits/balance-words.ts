interface Balance {
	readonly available: number;
	readonly held: number;
}

/** A balance as a page has it: it may be unknown, or the last that could be read. */
interface SeenBalance extends Balance {
	readonly isKnown: boolean;
	/** Null where it was read when it was last asked for. */
	readonly error: unknown;
}

/** `12 available (3 in use)`; what is in use is only told when something is. */
export function balanceWords({ available, held }: Balance): string {
	return held > 0 ? `${available} available (${held} in use)` : `${available} available`;
}

/** Why a generation cannot begin. */
export interface Shortage {
	readonly words: string;
	/** Whether an account has to be made before anything else helps. */
	readonly needsAccount: boolean;
}

/** Why one of this price cannot begin, or undefined when it can, or when nobody knows. */
export function whyTooLittle(
	{ available, held, isKnown, error }: SeenBalance,
	{ price, isGuest }: { readonly price: number; readonly isGuest: boolean },
): Shortage | undefined {
	// What is not known is not gone: the server knows, and refuses what cannot be paid.
	if (!isKnown || error !== null || available >= price) return undefined;
	if (held > 0) return { words: inUse, needsAccount: false };
	return isGuest ? { words: spentByGuest, needsAccount: true } : { words: spent, needsAccount: false };
}

const inUse =
	"All your credits are in use. Each is spent when its plushie is ready, and comes back if that fails or is cancelled.";
const spent = "You have no credits left. Whoever runs this Studio can give you more.";
/** Credits are given by e-mail, which a guest has none of. */
const spentByGuest =
	"You have no credits left. Whoever runs this Studio can give you more once you have an account; everything you have made comes along.";

/** What to say where the balance could not be read when it was last asked for; undefined where it could. */
export function whyUnread({ isKnown, error, ...balance }: SeenBalance): string | undefined {
	if (error === null) return undefined;
	const before = isKnown ? ` The last that is known: ${balanceWords(balance)}.` : "";
	return `Credits cannot be read at the moment.${before} None are lost, and they are asked for again by themselves.`;
}
