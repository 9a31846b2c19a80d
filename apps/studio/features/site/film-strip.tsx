const frames = [
	{ title: "Into the tray", text: "Your photo is checked and kept, once.", develop: 0.14 },
	{ title: "Looked at", text: "A vision model finds what makes them them.", develop: 0.38 },
	{ title: "Sewn", text: "An image model works from photo and notes.", develop: 0.62 },
	{ title: "Fixed", text: "The picture is stored, safe from any crash.", develop: 0.84 },
	{ title: "Hung to dry", text: "Paid for, finished, yours to download.", develop: 1 },
] as const;

/** The five steps as five frames of film, each a little further developed. */
export function FilmStrip() {
	return (
		<section aria-labelledby="how" className="darkroom border-y border-black bg-film text-ink">
			<div className="mx-auto max-w-6xl px-4 pt-10 pb-12 sm:px-6">
				<h2 id="how" className="text-3xl sm:text-4xl">
					Five steps in the dark
				</h2>
				<div aria-hidden className="perforation mt-8" />
				<ol className="grid grid-cols-2 gap-x-3 gap-y-8 pt-2 sm:grid-cols-3 lg:grid-cols-5">
					{frames.map(({ title, text, develop }, index) => (
						<li key={title}>
							<div className="overflow-hidden rounded-[2px] bg-print">
								<div className="developing" style={{ "--develop": develop }}>
									<img
										src="/sample-plushie.webp"
										alt=""
										width={800}
										height={800}
										loading="lazy"
										className="picture aspect-square w-full object-cover"
									/>
								</div>
							</div>
							<p className="edge-text mt-3 text-edge-print">▸ {index + 1}A</p>
							<h3 className="mt-1 text-lg">{title}</h3>
							<p className="mt-1 text-sm text-faded">{text}</p>
						</li>
					))}
				</ol>
				<div aria-hidden className="perforation mt-8" />
			</div>
		</section>
	);
}
