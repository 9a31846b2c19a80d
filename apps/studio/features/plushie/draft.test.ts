import { beforeEach, expect, it } from "vitest";
import { forgetDraft, forgetDrafts, keepDraft, readDraft } from "./draft.ts";

/** What a browser's tab keeps, as far as a draft needs it. */
class TabStorage {
	readonly #items = new Map<string, string>();
	get length() {
		return this.#items.size;
	}
	getItem(key: string) {
		return this.#items.get(key) ?? null;
	}
	setItem(key: string, value: string) {
		this.#items.set(key, value);
	}
	removeItem(key: string) {
		this.#items.delete(key);
	}
	key(index: number) {
		return [...this.#items.keys()][index] ?? null;
	}
}

const draft = { notes: "One ear folds over.", photo: { assetId: "a1", name: "fox.jpg" } };
let storage: TabStorage;
beforeEach(() => {
	storage = new TabStorage();
});

it("gives back what was left in a form, and to no other form", () => {
	keepDraft(storage, undefined, draft);
	keepDraft(storage, "job1", { notes: "", photo: draft.photo });
	expect(readDraft(storage, undefined)).toEqual(draft);
	expect(readDraft(storage, "job1")).toEqual({ notes: "", photo: draft.photo });
	expect(readDraft(storage, "job2")).toBeUndefined();
});

it("keeps nothing of a form that was emptied or sent", () => {
	keepDraft(storage, undefined, draft);
	keepDraft(storage, undefined, { notes: "", photo: null });
	keepDraft(storage, "job1", draft);
	forgetDraft(storage, "job1");
	expect(storage.length).toBe(0);
});

it("forgets every form when somebody leaves, and nothing that is not its own", () => {
	storage.setItem("other", "stays");
	keepDraft(storage, undefined, draft);
	keepDraft(storage, "job1", draft);
	forgetDrafts(storage);
	expect(storage.key(0)).toBe("other");
	expect(storage.length).toBe(1);
});

it.each(["{", "null", "7", '{"notes":5,"photo":{"assetId":1}}', '{"photo":"a1"}'])(
	"begins empty where what was kept is %s",
	(kept) => {
		storage.setItem("plushie-draft:", kept);
		expect(readDraft(storage, undefined) ?? { notes: "", photo: null }).toEqual({ notes: "", photo: null });
	},
);
