import { describeStore } from "../testing/store.testsuite.ts";
import { ModelRows } from "./model-rows.testsuite.ts";
import { createModelStore } from "./model-store.testsuite.ts";

describeStore("the model that most schedules run on", async () => {
	const rows = new ModelRows();
	const connect = async () => createModelStore(rows);
	let store = await connect();
	return {
		store,
		second: connect,
		reopen: async () => {
			await store.close();
			store = await connect();
			return store;
		},
		sumEntries: async (owner) => {
			const sum = { posted: 0, held: 0 };
			for (const entry of rows.entries) {
				if (entry.owner !== owner) continue;
				sum.posted += entry.posted;
				sum.held += entry.held;
			}
			return sum;
		},
		close: () => store.close(),
	};
});
