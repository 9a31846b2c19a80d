interface Balance {
	readonly available: number;
	readonly held: number;
}

/** `12 available (3 in use)`; what is in use is only told when something is. */
export function balanceWords({ available, held }: Balance): string {
	return held > 0 ? `${available} available (${held} in use)` : `${available} available`;
}

/** Why a generation of this price cannot begin, or undefined when it can. */
export function whyTooLittle({ available, held }: Balance, price: number): string | undefined {
	if (available >= price) return undefined;
	if (held > 0) return "All your credits are in use. They come free when a generation ends.";
	return "You have no credits left. Whoever runs this Studio can give you more.";
}
