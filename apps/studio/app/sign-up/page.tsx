import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AccountCard } from "@/features/account/account-card";
import { AccountForm } from "@/features/account/account-form";
import { nextPath } from "@/features/account/next-path";
import { getConfig } from "@/server/config";
import { currentViewer } from "@/server/session";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignUpPage({ searchParams }: PageProps<"/sign-up">) {
	const next = nextPath((await searchParams).next);
	const viewer = await currentViewer();
	if (viewer && !viewer.isGuest) redirect(next);
	return (
		<AccountCard
			title="Create an account"
			lead={
				viewer
					? "Your plushies, photos and credits stay with you: nothing made as a guest is lost."
					: `An e-mail and a password. ${getConfig().starterCredits} credits are waiting.`
			}
		>
			<AccountForm purpose="sign-up" next={next} />
			<p className="mt-6 text-[0.9375rem]">
				Been here before?{" "}
				<Link
					href={`/sign-in?next=${encodeURIComponent(next)}`}
					className="font-semibold text-safelight underline underline-offset-3"
				>
					Sign in
				</Link>
			</p>
		</AccountCard>
	);
}
