import { useId } from "react";

/** The sign of the house: a print, half developed. */
export function Mark({ className }: { readonly className?: string }) {
	const gradient = useId();
	return (
		<svg viewBox="0 0 32 32" aria-hidden className={className}>
			<defs>
				<linearGradient id={gradient} x1="0" y1="0" x2="1" y2="1">
					<stop offset="0.2" stopColor="#5a160d" />
					<stop offset="0.75" stopColor="#ff6a4a" />
				</linearGradient>
			</defs>
			<rect width="32" height="32" rx="8" fill="#2b0f0a" />
			<rect x="7" y="6" width="18" height="20" rx="2" fill="#f4ecdf" />
			<rect x="9" y="8" width="14" height="13" fill={`url(#${gradient})`} />
		</svg>
	);
}
