import { Notice } from "@/ui/notice";

interface Props {
	/** What a hook says of its watch. */
	readonly watch: { readonly isOffline: boolean };
	readonly className?: string;
}

/** Says that there is no news just now, whether the network, the server or its database is away. Nothing while there is. */
export function OfflineNotice({ watch, className }: Props) {
	if (!watch.isOffline) return null;
	return (
		<Notice tone="warning" title="The Studio cannot be reached at the moment" className={className} isLive>
			What you see may be old. Nothing is lost, and it is asked again by itself.
		</Notice>
	);
}
