import { enterAsGuest, makePlushie } from "./maker";
import { test } from "./own";
import { expect } from "./test";

test.use({ contextOptions: { reducedMotion: "no-preference" } });

test("the bar moves while a step is under way, never past the step's share, and its number says what is done", async ({
	page,
	own,
}) => {
	// Nothing is known here yet of how long a plushie takes.
	const studio = await own.startStudio();
	const looking = page.getByRole("listitem").filter({ hasText: "Looking closely" });
	await enterAsGuest(page, studio.url);
	await makePlushie(page, "[gate]", studio.url);
	await expect(looking).toContainText("under way");
	const bar = page.getByRole("progressbar", { name: "Progress" });
	await expect(bar).toHaveAttribute("aria-valuenow", "12");
	await expect(page.getByText("no estimate yet")).toBeVisible();
	const crept = async (share: number) =>
		bar.evaluate(async (element, share) => {
			const part = element.querySelector('[data-part="under-way"]') as HTMLElement;
			const [animation] = part.getAnimations();
			if (!animation) throw new Error("Nothing creeps.");
			animation.pause();
			animation.currentTime = share * Number(animation.effect?.getComputedTiming().duration);
			return (100 * part.getBoundingClientRect().width) / element.getBoundingClientRect().width;
		}, share);
	expect(await crept(0)).toBeCloseTo(12, 0);
	const half = await crept(0.5);
	expect(half).toBeGreaterThan(13);
	expect(half).toBeLessThan(35);
	expect(await crept(1)).toBeCloseTo(35, 0);
	await expect(bar).toHaveAttribute("aria-valuenow", "12");

	await page.emulateMedia({ reducedMotion: "reduce" });
	await page.reload();
	await expect(looking).toContainText("under way");
	const still = await bar.locator('[data-part="under-way"]').evaluate((part) => ({
		moving: part.getAnimations().length,
		isAtItsStart: (part as HTMLElement).offsetWidth <= 0.125 * (part.parentElement as HTMLElement).offsetWidth,
	}));
	expect(still).toEqual({ moving: 0, isAtItsStart: true });
});
