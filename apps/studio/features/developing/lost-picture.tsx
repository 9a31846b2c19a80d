import { cn } from "@/ui/class-names";
import { DevelopingPicture } from "./developing-picture";

interface Props {
	readonly assetId: string;
	readonly alt: string;
	/** Crossed out, as a picture editor does; what was only cancelled is not. */
	readonly isFailed: boolean;
	/** Pixels of the thumbnail to load. */
	readonly width: number;
	readonly className?: string;
}

/** The photo of a generation that came to nothing: whole, and dimmed, so that one still knows which it was. */
export function LostPicture({ assetId, alt, isFailed, width, className }: Props) {
	return (
		<span className={cn("relative grid place-items-center bg-[#1b110e]", className)}>
			<DevelopingPicture
				assetId={assetId}
				alt={alt}
				width={width}
				fit="contain"
				className="size-[84%] bg-transparent opacity-55"
			/>
			{isFailed ? <Cross /> : null}
		</span>
	);
}

function Cross() {
	return (
		<svg viewBox="0 0 100 100" className="absolute right-[5%] bottom-[5%] size-[14%]" aria-hidden>
			<path
				d="M12 16 C34 36 62 62 90 86 M88 12 C66 34 38 60 10 88"
				fill="none"
				stroke="#ff5a33"
				strokeWidth="11"
				strokeLinecap="round"
			/>
		</svg>
	);
}
