/** What stands in a form that was not sent: kept for the tab, through other pages, a reload and signing in. */
export interface Draft {
	readonly notes: string;
	/** An uploaded photo; null for none. Only the account that uploaded it can use it. */
	readonly photo: { readonly assetId: string; readonly name: string } | null;
}

type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const prefix = "plushie-draft:";

/** @param from the job that the form was opened from; none for an empty form. */
export function keepDraft(storage: Storage, from: string | undefined, draft: Draft): void {
	if (draft.notes === "" && draft.photo === null) forgetDraft(storage, from);
	else storage.setItem(prefix + (from ?? ""), JSON.stringify(draft));
}

/** Undefined where nothing was kept, or nothing that can be read. */
export function readDraft(storage: Storage, from: string | undefined): Draft | undefined {
	const kept = storage.getItem(prefix + (from ?? ""));
	if (kept === null) return undefined;
	try {
		const { notes, photo } = JSON.parse(kept) as Partial<Draft>;
		const isPhoto = typeof photo?.assetId === "string" && typeof photo.name === "string";
		return { notes: typeof notes === "string" ? notes : "", photo: isPhoto ? photo : null };
	} catch {
		// Written by another version of this page, or by hand: an empty form is no loss.
		return undefined;
	}
}

export function forgetDraft(storage: Storage, from: string | undefined): void {
	storage.removeItem(prefix + (from ?? ""));
}

/** For whoever leaves on purpose: the next person at this tab begins with nothing. */
export function forgetDrafts(storage: Storage): void {
	const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
	for (const key of keys) if (key?.startsWith(prefix)) storage.removeItem(key);
}
