import { BeforeAfter } from "@/features/developing/before-after";

/** The whole idea in one picture: drag, and the photo becomes the plushie. */
export function SamplePrint() {
	return (
		<figure className="relative mx-auto w-full max-w-[30rem]">
			<div className="print rotate-[1.4deg] transition-transform duration-500 hover:rotate-0">
				<BeforeAfter
					before={{ src: "/sample-photo.webp", alt: "A fox-coloured dog with a red collar, sitting in the grass" }}
					after={{
						src: "/sample-plushie.webp",
						alt: "The same dog as a plush toy with button eyes and a stitched collar",
					}}
					label="Compare the photo with the plushie"
					className="develops-once aspect-square"
				/>
				<figcaption className="edge-text flex justify-between pt-3 pb-1 text-[#5b4a3d]">
					<span>Photo</span>
					<span>Illustration</span>
					<span>Plushie</span>
				</figcaption>
			</div>
		</figure>
	);
}
