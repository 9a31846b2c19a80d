import type { ReactNode } from "react";

/** A sheet of paper in the middle of the page, for the forms of signing in and up. */
export function AccountCard({
	title,
	lead,
	children,
}: {
	readonly title: string;
	readonly lead: ReactNode;
	readonly children: ReactNode;
}) {
	return (
		<div className="mx-auto w-full max-w-md px-4 pt-12 pb-16 sm:px-6 sm:pt-16">
			<h1 className="text-4xl">{title}</h1>
			<div className="mt-3 text-faded">{lead}</div>
			<div className="mt-8">{children}</div>
		</div>
	);
}
