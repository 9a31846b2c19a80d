import type { Metadata } from "next";
import { cookies } from "next/headers";
import Link from "next/link";
import { SignOutButton } from "@/features/account/sign-out-button";
import { Ledger } from "@/features/credits/ledger";
import { themeCookie, toTheme } from "@/features/site/theme";
import { ThemePicker } from "@/features/site/theme-picker";
import { readAccount } from "@/server/account";
import { reading } from "@/server/reading";
import { requireViewer } from "@/server/session";
import { buttonStyle } from "@/ui/button-style";

export const metadata: Metadata = { title: "Account" };

export default async function AccountPage() {
	const viewer = await requireViewer("/account");
	const [{ balance, lines }, jar] = await Promise.all([reading(readAccount(viewer.id)), cookies()]);
	return (
		<div className="mx-auto w-full max-w-3xl space-y-12 px-4 pt-10 pb-16 sm:px-6 sm:pt-14">
			<div className="flex flex-wrap items-end justify-between gap-4">
				<div className="min-w-0">
					<h1 className="text-4xl wrap-anywhere sm:text-5xl">{viewer.isGuest ? "You are a guest" : viewer.name}</h1>
					<p className="mt-2 wrap-anywhere text-faded">{viewer.email ?? "Known to this browser alone."}</p>
				</div>
				<SignOutButton isGuest={viewer.isGuest} />
			</div>
			{viewer.isGuest ? (
				<section aria-labelledby="keep" className="rounded-2xl border border-line bg-sheet p-6 shadow-sheet sm:p-8">
					<h2 id="keep" className="text-2xl">
						Keep what you make
					</h2>
					<p className="mt-2 max-w-prose text-faded">
						An account costs nothing but an e-mail. Your plushies and photos come along, and you reach them from
						anywhere. A new account takes your credits along, too; one that you have already had its starter credits,
						and they are given once.
					</p>
					<div className="mt-5 flex flex-wrap gap-2">
						<Link href="/sign-up?next=/account" className={buttonStyle({ variant: "primary" })}>
							Create an account
						</Link>
						<Link href="/sign-in?next=/account" className={buttonStyle({ variant: "quiet" })}>
							I have one
						</Link>
					</div>
				</section>
			) : null}
			<section aria-labelledby="credits" className="space-y-5">
				<h2 id="credits" className="text-2xl">
					Credits
				</h2>
				<dl className="grid grid-cols-3 divide-x divide-line rounded-xl border border-line bg-sheet">
					<Figure name="Available" value={balance.available} />
					<Figure name="In use" value={balance.held} />
					<Figure name="In all" value={balance.posted} />
				</dl>
				<Ledger lines={lines} />
			</section>
			<section aria-labelledby="appearance" className="space-y-4">
				<h2 id="appearance" className="text-2xl">
					Appearance
				</h2>
				<ThemePicker current={toTheme(jar.get(themeCookie)?.value)} />
			</section>
		</div>
	);
}

function Figure({ name, value }: { readonly name: string; readonly value: number }) {
	return (
		<div className="flex flex-col-reverse px-4 py-4 sm:px-6">
			<dt className="text-sm text-faded">{name}</dt>
			<dd className="font-display text-3xl font-semibold tracking-tight tabular-nums">{value}</dd>
		</div>
	);
}
