import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";

interface Props {
	/** What a hook says of its watch. */
	readonly watch: { readonly isStale: boolean; readonly lookAgain: () => void };
	readonly className?: string;
}

/** Says that watching has gone to rest, and offers to look again. Nothing while it has not. */
export function RestNotice({ watch, className }: Props) {
	if (!watch.isStale) return null;
	return (
		<Notice tone="info" title="Nothing has changed for 3 minutes" className={className} isLive>
			<div className="flex flex-wrap items-center gap-x-4 gap-y-2">
				<p>Watching has stopped. What is being made is not harmed by that.</p>
				<Button size="small" onClick={watch.lookAgain}>
					Look again
				</Button>
			</div>
		</Notice>
	);
}
