"use client";

/** When not even the layout can be rendered: plain, without anything that might fail too. */
export default function StudioFailed({ retry }: { readonly error: unknown; readonly retry: () => void }) {
	return (
		<html lang="en">
			<body
				style={{ font: "18px/1.5 system-ui, sans-serif", margin: "15vh auto", maxWidth: "32rem", padding: "0 1rem" }}
			>
				<title>Darkroom is out of order</title>
				<main>
					<h1>Darkroom is out of order</h1>
					<p>The Studio could not be shown. Whatever you have started goes on, and nothing is lost.</p>
					<button type="button" onClick={() => retry()}>
						Try again
					</button>
				</main>
			</body>
		</html>
	);
}
