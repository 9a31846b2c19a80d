import type { Metadata } from "next";
import { PlushieForm } from "@/features/plushie/plushie-form";
import { Recent } from "@/features/plushie/recent";
import { readPlushieTerms } from "@/server/plushie-terms";
import { requireViewer } from "@/server/session";

export const metadata: Metadata = { title: "Make a plushie" };

export default async function PlushiesPage() {
	await requireViewer("/plushies");
	return (
		<div className="mx-auto w-full max-w-6xl space-y-16 px-4 pt-8 pb-16 sm:px-6 sm:pt-12">
			<div>
				<h1 className="text-4xl sm:text-5xl">Make a plushie</h1>
				<p className="mt-3 mb-8 max-w-prose text-faded">
					One clear photo, one face, plenty of light: that is what sews best.
				</p>
				<PlushieForm terms={await readPlushieTerms()} />
			</div>
			<Recent />
		</div>
	);
}
