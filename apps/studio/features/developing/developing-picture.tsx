"use client";

import { useDarkroomClient } from "darkroom/react";
import { ImageOff } from "lucide-react";
import { useCallback, useState } from "react";
import { cn } from "@/ui/class-names";

interface Props {
	readonly assetId: string;
	readonly alt: string;
	/** How far to develop it, 0 to 1. Default 1. */
	readonly develop?: number;
	/** Pixels of the thumbnail to load. Default 640. */
	readonly width?: number;
	/** Default false: loaded when it comes near the screen. */
	readonly isEager?: boolean;
	/** Whether it fills its frame or is shown whole. Default `cover`. */
	readonly fit?: "cover" | "contain";
	readonly className?: string;
}

/** How much of a picture its blurred placeholder shows. */
const latent = 0.12;

/** A picture that comes up out of its own blurred thumbnail as soon as it has arrived. */
export function DevelopingPicture({
	assetId,
	alt,
	develop = 1,
	width = 640,
	isEager = false,
	fit = "cover",
	className,
}: Props) {
	const look = cn("picture absolute inset-0 size-full", fit === "cover" ? "object-cover" : "object-contain");
	const { assetUrl } = useDarkroomClient();
	const [state, setState] = useState<"loading" | "shown" | "broken">("loading");
	// A picture out of the cache, or one that the server rendered, may be there before React listens.
	const lookAtOnce = useCallback((image: HTMLImageElement | null) => {
		if (image?.complete) setState(image.naturalWidth > 0 ? "shown" : "broken");
	}, []);
	if (state === "broken") {
		return (
			<span className={cn("grid place-items-center bg-sunk p-4 text-center text-sm text-faded", className)}>
				<span>
					<ImageOff aria-hidden className="mx-auto mb-2 size-5" />
					This picture cannot be shown.
				</span>
			</span>
		);
	}
	return (
		<span
			className={cn("developing relative block overflow-hidden bg-print", className)}
			style={{ "--develop": state === "shown" ? develop : latent }}
		>
			{state === "loading" ? <img src={assetUrl(assetId, { width: 64 })} alt="" className={look} /> : null}
			<img
				ref={lookAtOnce}
				src={assetUrl(assetId, { width })}
				alt={alt}
				loading={isEager ? "eager" : "lazy"}
				onLoad={() => setState("shown")}
				onError={() => setState("broken")}
				className={look}
			/>
		</span>
	);
}
