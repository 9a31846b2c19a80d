import Link from "next/link";
import { GuestButton } from "@/features/account/guest-button";
import { buttonStyle } from "@/ui/button-style";
import { FilmStrip } from "./film-strip";
import { SamplePrint } from "./sample-print";

const promises = [
	{
		title: "Failure costs nothing",
		text: "A credit is set aside while a plushie is being made and taken only when you have it. If it goes wrong, it comes straight back.",
	},
	{
		title: "Walk away",
		text: "Close the tab, lock the phone, reload. The work goes on without you, and you come back to exactly where it is.",
	},
	{
		title: "Yours alone",
		text: "Your photos and what becomes of them can be opened by you and nobody else. Place and camera are stripped from every upload.",
	},
] as const;

/** For somebody who has never been here: what it is, at one glance, and a way in, at one click. */
export function Landing({ starterCredits }: { readonly starterCredits: number }) {
	return (
		<>
			<section className="mx-auto grid max-w-6xl items-center gap-x-14 gap-y-12 px-4 pt-12 pb-16 sm:px-6 lg:grid-cols-[1.25fr_1fr] lg:pt-20 lg:pb-24">
				<div>
					<h1 className="text-[clamp(2.375rem,9.4vw,3.875rem)] leading-none tracking-[-0.04em] lg:text-[clamp(3rem,5.1vw,3.875rem)]">
						<span className="block">A photo goes in.</span>
						<span className="block">
							A <span className="text-safelight">plushie</span> comes out.
						</span>
					</h1>
					<p className="mt-6 max-w-xl text-lg text-faded sm:text-xl">
						Drop in a picture of somebody you love, on two legs or four, and watch it develop into something you would
						like to squeeze.
					</p>
					<div className="mt-9 flex flex-wrap items-center gap-3">
						<GuestButton size="large">Start as a guest</GuestButton>
						<Link href="/sign-up" className={buttonStyle({ size: "large" })}>
							Create an account
						</Link>
					</div>
					<p className="edge-text mt-5 text-faded">{starterCredits} free credits · no e-mail needed</p>
				</div>
				<SamplePrint />
			</section>
			<FilmStrip />
			<section aria-labelledby="promises" className="mx-auto max-w-6xl px-4 py-16 sm:px-6 lg:py-24">
				<h2 id="promises" className="sr-only">
					What you can rely on
				</h2>
				<div className="grid gap-10 md:grid-cols-3 md:gap-12">
					{promises.map(({ title, text }) => (
						<div key={title} className="border-t-2 border-ink pt-5">
							<h3 className="text-2xl">{title}</h3>
							<p className="mt-3 text-faded">{text}</p>
						</div>
					))}
				</div>
			</section>
		</>
	);
}
