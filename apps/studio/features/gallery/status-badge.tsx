import type { JobStatus } from "darkroom/client";
import { Ban, Check, CircleAlert, Hourglass, LoaderCircle } from "lucide-react";
import { statusWords } from "@/features/plushie/plushie-job";
import { cn } from "@/ui/class-names";

const faces = {
	queued: { icon: Hourglass, style: "bg-amber-wash text-amber" },
	running: { icon: LoaderCircle, style: "bg-amber-wash text-amber [&>svg]:animate-spin" },
	completed: { icon: Check, style: "bg-fixer-wash text-fixer" },
	failed: { icon: CircleAlert, style: "bg-safelight-wash text-safelight" },
	cancelled: { icon: Ban, style: "bg-sunk text-faded" },
} as const;

/** A status in one word, told by more than its colour. */
export function StatusBadge({ status, className }: { readonly status: JobStatus; readonly className?: string }) {
	const { icon: Icon, style } = faces[status];
	return (
		<span
			className={cn(
				"inline-flex h-6.5 items-center gap-1.5 rounded-full px-2.5 text-[0.8125rem] font-semibold",
				style,
				className,
			)}
		>
			<Icon aria-hidden className="size-3.5" />
			{statusWords[status]}
		</span>
	);
}
