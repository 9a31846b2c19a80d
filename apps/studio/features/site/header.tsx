import Link from "next/link";
import { SignedIn } from "@/features/account/signed-in";
import { CreditMeter } from "@/features/credits/credit-meter";
import type { Viewer } from "@/server/session";
import { buttonStyle } from "@/ui/button-style";
import { Mark } from "./mark";
import { Nav } from "./nav";

interface Props {
	/** Null for nobody; undefined where it cannot be known just now. */
	readonly viewer: Viewer | null | undefined;
}

/** On every page: where one is, what one has left, who one is. */
export function Header({ viewer }: Props) {
	return (
		<header className="sticky top-0 z-30 border-b border-line bg-paper">
			<div className="mx-auto flex h-16 max-w-6xl items-center gap-3 px-4 sm:px-6">
				<Link
					href="/"
					className="flex items-center gap-2.5 rounded-md font-display text-[1.1875rem] font-semibold tracking-tight"
				>
					<Mark className="size-8" />
					{/* The balance can grow long, and matters more than the name. */}
					<span className="max-[389px]:sr-only">Darkroom</span>
				</Link>
				{viewer ? (
					<>
						<Nav />
						<div className="ml-auto flex items-center gap-2">
							<SignedIn>
								<CreditMeter />
								<Link
									href="/account"
									className="hidden h-9 items-center gap-2 rounded-full border border-line bg-sheet py-1 pr-3.5 pl-1 text-sm font-semibold hover:border-edge md:flex"
								>
									<span
										aria-hidden
										className="grid size-7 place-items-center rounded-full bg-safelight text-xs text-on-safelight"
									>
										{viewer.name.slice(0, 1).toUpperCase()}
									</span>
									<span className="max-w-32 truncate">{viewer.name}</span>
								</Link>
							</SignedIn>
						</div>
					</>
				) : viewer === undefined ? null : (
					<Link href="/sign-in" className={buttonStyle({ variant: "quiet", size: "small", className: "ml-auto" })}>
						Sign in
					</Link>
				)}
			</div>
		</header>
	);
}
