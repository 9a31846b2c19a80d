import { describe, expect, test } from "vitest";
import type { JobSnapshot } from "../../core/job.ts";
import { describeOnPostgres, postgresUrl } from "../../testing/on-postgres.testsuite.ts";
import { type CreateDatabase, createPostgresDatabase, createSqliteDatabase } from "../suite/databases.testsuite.ts";
import { job, never, type Process, Rig, seen, signal } from "../suite/rig.testsuite.ts";
import { createEmbedded } from "./create-embedded.testsuite.ts";

const endless = job("endless", () => never);

/** What a watch of this viewer is shown, and which comes first from now on: its end, or something to show. */
async function watch({ darkroom }: Process, viewer: string) {
	const shown: string[] = [];
	let next = signal<string>();
	const onJob = ({ id }: JobSnapshot) => {
		shown.push(id);
		next.resolve(id);
	};
	await darkroom.watch({ viewer, onJob, onEnd: () => next.resolve("ended") }).ready;
	next = signal();
	return { shown, next: next.promise };
}

function describeTransfer(createDatabase: CreateDatabase): void {
	const rig = Rig.use(createEmbedded, createDatabase);

	test("ends the old owner's watches in another process, and shows there what came to the new one", async () => {
		// Only the second one works, so that the job moves between processes, too.
		const here = rig.open({ jobs: [endless], concurrency: 0 });
		const elsewhere = rig.open({ jobs: [endless] });
		await Promise.all([here, elsewhere].map(({ darkroom }) => darkroom.start()));
		const { id } = await elsewhere.darkroom.submit(endless, { owner: "guest", input: {} });
		const guest = await watch(here, "guest");
		expect(guest.shown).toContain(id);
		const shownToGrace = seen(here, (one) => one.id === id, "grace");
		const stranger = await watch(here, "stranger");

		await elsewhere.darkroom.transferOwner({ from: "guest", to: "grace" });
		expect(await guest.next).toBe("ended");
		expect(await shownToGrace).toMatchObject({ id });
		const shownBefore = guest.shown.length;
		await elsewhere.darkroom.cancelJob({ viewer: "grace", jobId: id });
		await seen(here, ({ status }) => status === "cancelled", "grace");
		expect(guest.shown).toHaveLength(shownBefore);
		// Nobody else's is ended.
		const { id: own } = await elsewhere.darkroom.submit(endless, { owner: "stranger", input: {} });
		expect(await stranger.next).toBe(own);
	});
}

describe("everything of an owner that becomes another's, on SQLite", () => {
	describeTransfer(createSqliteDatabase);
});

describeOnPostgres("everything of an owner that becomes another's, on Postgres", () => {
	const url = postgresUrl();
	describeTransfer(() => createPostgresDatabase(url()));
});
