import { type Darkroom, DarkroomError } from "darkroom";
import { createTestDarkroom, type TestDarkroom } from "darkroom/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createStarterCredits, type StarterGrant } from "./starter-credits.ts";

let test: TestDarkroom;
let darkroom: Darkroom;
let asked: StarterGrant[];

beforeEach(async () => {
	test = await createTestDarkroom({ jobs: [] });
	darkroom = test.darkroom;
	asked = [];
});
afterEach(() => test.close());

/** As one process has them. */
function starterCredits(grant = (given: StarterGrant): Promise<unknown> => darkroom.grantCredits(given)) {
	return createStarterCredits((given) => {
		asked.push(given);
		return grant(given);
	});
}

it("are given once, whoever asks how often, and written once a process at the most", async () => {
	const here = starterCredits();
	await Promise.all([here("ada", 20), here("ada", 20), here("grace", 20)]);
	await here("ada", 20);
	expect(asked.map(({ owner }) => owner)).toEqual(["ada", "grace"]);
	const elsewhere = starterCredits();
	await elsewhere("ada", 20);
	expect(await darkroom.getBalance("ada")).toMatchObject({ posted: 20 });
});

it("that could not be given are given by the next request", async () => {
	let isAway = true;
	const away = new DarkroomError("store_unavailable", { detail: "The database is away." });
	const starter = starterCredits((given) => (isAway ? Promise.reject(away) : darkroom.grantCredits(given)));
	await expect(starter("ada", 20)).rejects.toBe(away);
	isAway = false;
	await starter("ada", 20);
	expect(await darkroom.getBalance("ada")).toMatchObject({ posted: 20 });
});

it("of nothing ask for nothing", async () => {
	await starterCredits()("ada", 0);
	expect(asked).toEqual([]);
});
