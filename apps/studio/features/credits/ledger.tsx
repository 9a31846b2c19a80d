import Link from "next/link";
import type { ReactNode } from "react";
import { LocalTime } from "@/ui/local-time";

/** One line of the account: what happened, and what it did to the balance. */
export interface LedgerLine {
	/** The generation it was for, if any. */
	readonly jobId: string | null;
	readonly type: "grant" | "hold" | "capture" | "release" | "refund" | "transfer";
	/** Change to what is owned. What is only set aside, or put back, is no movement. */
	readonly posted: number;
	readonly at: string;
}

const words: Record<LedgerLine["type"], { readonly title: string; readonly text: string }> = {
	grant: { title: "Given", text: "Credits for this account" },
	hold: { title: "Set aside", text: "A generation began" },
	capture: { title: "Paid", text: "A generation was delivered" },
	release: { title: "Put back", text: "A generation was not delivered" },
	refund: { title: "Refunded", text: "A generation was not delivered" },
	transfer: { title: "Moved", text: "From guest to account" },
};

/** Every movement, newest first; they add up to the balance. */
export function Ledger({ lines }: { readonly lines: readonly LedgerLine[] }) {
	if (lines.length === 0) return <p className="text-faded">Nothing has moved yet.</p>;
	return (
		<div className="overflow-x-auto rounded-xl border border-line bg-sheet">
			<table className="w-full text-left text-[0.9375rem]">
				<caption className="sr-only">Movements of credits, newest first</caption>
				<thead className="border-b border-line text-sm text-faded">
					<tr>
						<Head>What</Head>
						<Head>When</Head>
						<Head className="text-right">Credits</Head>
					</tr>
				</thead>
				<tbody className="divide-y divide-line">
					{lines.map((line) => (
						<tr key={`${line.at} ${line.type} ${line.jobId}`}>
							<td className="px-3 py-2.5 sm:px-4">
								<What line={line} />
							</td>
							<td className="min-w-28 px-3 py-2.5 sm:px-4 text-sm text-faded">
								<LocalTime at={line.at} />
							</td>
							<Change by={line.posted} />
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function What({ line: { jobId, type } }: { readonly line: LedgerLine }) {
	const { title, text } = words[type];
	const detail = <span className="block text-sm text-faded">{text}</span>;
	if (!jobId) {
		return (
			<>
				<span className="font-semibold">{title}</span>
				{detail}
			</>
		);
	}
	return (
		<Link href={`/plushies/${jobId}`} className="group block">
			<span className="font-semibold underline underline-offset-3 group-hover:decoration-2">{title}</span>
			{detail}
		</Link>
	);
}

function Head({ children, className = "" }: { readonly children: ReactNode; readonly className?: string }) {
	return (
		<th scope="col" className={`px-3 py-2.5 sm:px-4 font-semibold ${className}`}>
			{children}
		</th>
	);
}

function Change({ by }: { readonly by: number }) {
	return (
		<td className="px-3 py-2.5 sm:px-4 text-right font-mono text-[0.8125rem]">
			{by === 0 ? "–" : by > 0 ? `+${by}` : `−${-by}`}
		</td>
	);
}
