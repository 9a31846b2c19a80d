import Link from "next/link";
import { buttonStyle } from "@/ui/button-style";

export const metadata = { title: "Not found" };

export default function NotFound() {
	return (
		<div className="mx-auto max-w-xl px-4 pt-20 pb-16 sm:px-6">
			<p className="edge-text text-faded">Frame 404 · unexposed</p>
			<h1 className="mt-4 text-5xl">There is nothing on this frame</h1>
			<p className="mt-4 mb-8 text-lg text-faded">
				The page does not exist, or it belongs to somebody else. What is yours is in your gallery.
			</p>
			<div className="flex flex-wrap gap-2">
				<Link href="/gallery" className={buttonStyle({ variant: "primary" })}>
					To the gallery
				</Link>
				<Link href="/" className={buttonStyle({})}>
					Home
				</Link>
			</div>
		</div>
	);
}
