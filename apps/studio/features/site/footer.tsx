/** The promise, where every page ends. */
export function Footer() {
	return (
		<footer className="mt-auto border-t border-line">
			<div className="mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-x-8 gap-y-1 px-4 pt-6 pb-24 text-sm text-faded sm:px-6 md:pb-6">
				<p>Darkroom Studio. Pictures develop in the background, and failure costs nothing.</p>
				<p>Your photos are yours: nobody else can see them.</p>
			</div>
		</footer>
	);
}
