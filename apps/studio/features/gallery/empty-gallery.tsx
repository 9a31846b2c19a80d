import Link from "next/link";
import { buttonStyle } from "@/ui/button-style";

/** An unexposed strip of film, and the way to expose it. */
export function EmptyGallery() {
	return (
		<div>
			<div aria-hidden className="darkroom rounded-lg bg-film px-2 opacity-95">
				<div className="perforation" />
				<div className="grid grid-cols-3 gap-2 sm:grid-cols-5">
					{[1, 2, 3, 4, 5].map((frame) => (
						<div
							key={frame}
							className="grid aspect-square place-items-end rounded-[2px] bg-[#1b110e] p-2 max-sm:nth-[n+4]:hidden"
						>
							<span className="edge-text text-edge-print">{frame}A</span>
						</div>
					))}
				</div>
				<div className="perforation" />
			</div>
			<h2 className="mt-10 text-3xl">Nothing on this roll yet</h2>
			<p className="mt-2 mb-6 max-w-prose text-faded">
				Everything you make appears here, finished or not: what is developing, what came out, and what can be tried
				again.
			</p>
			<Link href="/plushies" className={buttonStyle({ variant: "primary" })}>
				Make the first plushie
			</Link>
		</div>
	);
}
