/** A frame whose picture is not known yet. */
export function FrameSkeleton() {
	return (
		<div aria-hidden className="darkroom rounded-lg bg-film">
			<div className="perforation mx-2" />
			<div className="skeleton mx-2 aspect-square rounded-[2px]" />
			<div className="h-24" />
			<div className="perforation mx-2" />
		</div>
	);
}
