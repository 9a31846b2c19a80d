"use client";

import { useCredits } from "darkroom/react";
import { RotateCcw } from "lucide-react";
import { useId } from "react";
import { useIsGuest } from "@/features/account/guest";
import { whyTooLittle } from "@/features/credits/balance-words";
import { ShortageNote } from "@/features/credits/shortage-note";
import { Button } from "@/ui/button";
import { useWhyFull } from "./active-limit";

interface Props {
	readonly price: number;
	readonly isBusy: boolean;
	readonly onRetry: () => void;
	/** Default: the main action of a page. */
	readonly isSmall?: boolean;
}

/** The same again; and the reason, wherever there are not the credits for it, or too many are in progress. */
export function RetryButton({ price, isBusy, onRetry, isSmall = false }: Props) {
	const credits = useCredits();
	const reasonId = useId();
	const isGuest = useIsGuest();
	const whyFull = useWhyFull();
	const shortage = credits.isLoading || whyFull ? undefined : whyTooLittle(credits, { price, isGuest });
	const reason = whyFull ?? (shortage && <ShortageNote shortage={shortage} />);
	return (
		<div className="max-w-full">
			<Button
				variant={isSmall ? "plain" : "primary"}
				size={isSmall ? "small" : "regular"}
				disabled={isBusy || reason !== undefined}
				aria-describedby={reason ? reasonId : undefined}
				onClick={onRetry}
			>
				<RotateCcw aria-hidden className="size-4" />
				{isBusy ? "One moment…" : "Retry"}
			</Button>
			{reason ? (
				<p id={reasonId} className="mt-1.5 text-sm text-amber">
					{reason}
				</p>
			) : null}
		</div>
	);
}
