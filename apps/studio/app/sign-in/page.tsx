import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AccountCard } from "@/features/account/account-card";
import { AccountForm } from "@/features/account/account-form";
import { GuestButton } from "@/features/account/guest-button";
import { nextPath } from "@/features/account/next-path";
import { currentViewer } from "@/server/session";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
	const next = nextPath((await searchParams).next);
	const viewer = await currentViewer();
	if (viewer && !viewer.isGuest) redirect(next);
	return (
		<AccountCard
			title="Sign in"
			lead={
				viewer
					? "What you made as a guest comes along. Starter credits are given once: what is left of a guest's does not add to your account's."
					: "Good to see you. Your pictures are where you left them."
			}
		>
			<AccountForm purpose="sign-in" next={next} />
			<p className="mt-6 text-[0.9375rem]">
				New here?{" "}
				<Link
					href={`/sign-up?next=${encodeURIComponent(next)}`}
					className="font-semibold text-safelight underline underline-offset-3"
				>
					Create an account
				</Link>
			</p>
			{viewer ? null : (
				<div className="mt-8 border-t border-line pt-8">
					<p className="mb-4 text-[0.9375rem] text-faded">
						Only looking? Nothing to fill in, and you can sign up later.
					</p>
					<GuestButton variant="plain" next={next} className="w-full">
						Go on as a guest
					</GuestButton>
				</div>
			)}
		</AccountCard>
	);
}
