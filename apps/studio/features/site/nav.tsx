"use client";

import { Images, Sparkles, UserRound } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/ui/class-names";

const places = [
	{ href: "/plushies", label: "Plushies", icon: Sparkles, isPhoneOnly: false },
	{ href: "/gallery", label: "Gallery", icon: Images, isPhoneOnly: false },
	{ href: "/account", label: "Account", icon: UserRound, isPhoneOnly: true },
] as const;

/** In the header on wide screens; at the thumb on phones. */
export function Nav() {
	const path = usePathname();
	return (
		<nav
			aria-label="Main"
			className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-sheet pb-[env(safe-area-inset-bottom)] md:static md:ml-6 md:border-0 md:bg-transparent md:pb-0"
		>
			<ul className="flex md:gap-1">
				{places.map(({ href, label, icon: Icon, isPhoneOnly }) => {
					const isHere = path === href || path.startsWith(`${href}/`);
					return (
						<li key={href} className={cn("flex-1 md:flex-none", isPhoneOnly && "md:hidden")}>
							<Link
								href={href}
								aria-current={isHere ? "page" : undefined}
								className={cn(
									"flex h-15 flex-col items-center justify-center gap-1 text-xs font-semibold text-faded md:h-9 md:flex-row md:rounded-[10px] md:px-3.5 md:text-[0.9375rem]",
									"hover:text-ink -outline-offset-4 md:outline-offset-2",
									isHere && "text-safelight hover:text-safelight md:bg-sunk md:text-ink md:hover:text-ink",
								)}
							>
								<Icon aria-hidden className="size-5 md:hidden" />
								{label}
							</Link>
						</li>
					);
				})}
			</ul>
		</nav>
	);
}
