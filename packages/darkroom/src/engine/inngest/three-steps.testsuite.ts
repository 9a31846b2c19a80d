import { job } from "../suite/rig.testsuite.ts";

export const priced = { credits: { price: 2 } };

/** Three steps, of which it is noted how often each ran. */
export function threeSteps() {
	const ran: string[] = [];
	const note = (name: string) => () => {
		ran.push(name);
		return name;
	};
	const story = job(
		"story",
		async ({ step }) => {
			const made: string[] = [];
			for (const name of ["plan", "write", "draw"]) made.push(await step.run(name, note(name)));
			return made;
		},
		priced,
	);
	return { story, ran };
}
