"use client";

import { MoveHorizontal } from "lucide-react";
import type { KeyboardEvent } from "react";
import { HandleRoot, Image, Item, Provider, Root } from "react-compare-slider/components";
import { useReactCompareSlider } from "react-compare-slider/hooks";
import { cn } from "@/ui/class-names";

interface Picture {
	readonly src: string;
	readonly alt: string;
}

interface Props {
	readonly before: Picture;
	readonly after: Picture;
	/** What the slider is called when it is read out. */
	readonly label: string;
	/** Default true. False where so many stand side by side that each would only be one more stop on the way. */
	readonly isTabStop?: boolean;
	readonly className?: string;
}

/** The slider writes vendor-prefixed styles, which a browser never gives back as they were written: no mismatch. */
const asRendered = { suppressHydrationWarning: true };

const middle = 50;

/** Two pictures on the same paper, with a divider to drag or to move with the arrow keys, Home and End. */
export function BeforeAfter({ before, after, label, isTabStop = true, className }: Props) {
	const slider = useReactCompareSlider({
		defaultPosition: middle,
		keyboardIncrement: "5%",
		// It never renders while it moves; it writes its value in the same way.
		onPositionChange: (position) => slider.handleRootRef.current?.setAttribute("aria-valuetext", words(position)),
	});

	function jump(event: KeyboardEvent) {
		if (event.key !== "Home" && event.key !== "End") return;
		event.preventDefault();
		slider.setPosition(event.key === "Home" ? 0 : 100);
	}

	return (
		<Provider {...slider}>
			<Root {...asRendered} className={cn("w-full rounded-[2px] bg-print", className)}>
				<Item {...asRendered} item="itemOne">
					<Image src={before.src} alt={before.alt} draggable={false} />
				</Item>
				<Item {...asRendered} item="itemTwo">
					<Image src={after.src} alt={after.alt} draggable={false} />
				</Item>
				<HandleRoot
					{...asRendered}
					aria-label={label}
					aria-valuetext={words(middle)}
					tabIndex={isTabStop ? 0 : -1}
					onKeyDown={jump}
					className="group"
				>
					<div className="flex h-full w-0.5 flex-col items-center bg-white/90 shadow-[0_0_6px_rgb(0_0_0/0.5)]">
						<span className="pointer-events-auto sticky top-1/2 my-auto grid size-11 shrink-0 place-items-center rounded-full bg-white text-[#231914] shadow-lg group-focus-visible:outline-[3px] group-focus-visible:outline-offset-2 group-focus-visible:outline-[#b3271a]">
							<MoveHorizontal aria-hidden className="size-5" />
						</span>
					</div>
				</HandleRoot>
			</Root>
		</Provider>
	);
}

function words(position: number): string {
	return `${Math.round(position)} % of the photo`;
}
