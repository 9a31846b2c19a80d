import type { Metadata } from "next";
import Link from "next/link";
import { Gallery } from "@/features/gallery/gallery";
import { ActiveLimit } from "@/features/plushie/active-limit";
import { plushieActiveLimit } from "@/server/plushie-terms";
import { requireViewer } from "@/server/session";
import { buttonStyle } from "@/ui/button-style";

export const metadata: Metadata = { title: "Gallery" };

export default async function GalleryPage() {
	await requireViewer("/gallery");
	return (
		<div className="mx-auto w-full max-w-6xl px-4 pt-8 pb-16 sm:px-6 sm:pt-12">
			<div className="mb-8 flex flex-wrap items-center justify-between gap-4">
				<h1 className="text-4xl sm:text-5xl">Gallery</h1>
				<Link href="/plushies" className={buttonStyle({})}>
					Make a plushie
				</Link>
			</div>
			<ActiveLimit limit={plushieActiveLimit}>
				<Gallery />
			</ActiveLimit>
		</div>
	);
}
