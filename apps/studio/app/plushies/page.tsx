import type { Metadata } from "next";
import { Recent } from "@/features/gallery/recent";
import { ActiveLimit } from "@/features/plushie/active-limit";
import { PlushieForm } from "@/features/plushie/plushie-form";
import { againPath } from "@/features/plushie/plushie-start";
import { getDarkroom } from "@/server/darkroom";
import { readPlushieStart } from "@/server/plushie-start";
import { plushieActiveLimit, readPlushieTerms } from "@/server/plushie-terms";
import { reading } from "@/server/reading";
import { requireViewer } from "@/server/session";

export const metadata: Metadata = { title: "Make a plushie" };

export default async function PlushiesPage({ searchParams }: PageProps<"/plushies">) {
	const { from } = await searchParams;
	const earlier = typeof from === "string" ? from : undefined;
	const viewer = await requireViewer(earlier === undefined ? "/plushies" : againPath(earlier));
	const start =
		earlier === undefined ? undefined : await reading(readPlushieStart(await getDarkroom(), viewer.id, earlier));
	return (
		<div className="mx-auto w-full max-w-6xl space-y-16 px-4 pt-8 pb-16 sm:px-6 sm:pt-12">
			<div>
				<h1 className="text-4xl sm:text-5xl">Make a plushie</h1>
				<p className="mt-3 mb-8 max-w-prose text-faded">
					One clear photo, one face, plenty of light: that is what sews best.
				</p>
				{/* Another start is another form: what was typed into this one does not belong there. */}
				<ActiveLimit limit={plushieActiveLimit}>
					<PlushieForm key={start?.from ?? "empty"} terms={await readPlushieTerms()} start={start} />
				</ActiveLimit>
			</div>
			<Recent />
		</div>
	);
}
