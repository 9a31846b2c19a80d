/** What goes on in the server, so that tests wait for it and not for time. */
export class Activity {
	#busy = 0;
	#failure: Error | undefined;
	readonly #looks = new Set<() => void>();

	enter(): void {
		this.#busy++;
	}

	leave(): void {
		this.#busy--;
		this.changed();
	}

	/** Something is not as it was: whoever waits for it looks again. */
	changed(): void {
		for (const look of [...this.#looks]) look();
	}

	/** The server cannot go on as the real one would; everyone who waits is told, now and later. */
	fail(failure: Error): void {
		this.#failure ??= failure;
		this.changed();
	}

	get isIdle(): boolean {
		return this.#busy === 0;
	}

	/** Resolves as soon as nothing goes on. */
	idle(): Promise<void> {
		return this.until(() => this.isIdle);
	}

	/** Resolves as soon as it is true; it is looked at after each change. */
	until(isTrue: () => boolean): Promise<void> {
		return new Promise((resolve, reject) => {
			const look = () => {
				if (!this.#failure && !isTrue()) return;
				this.#looks.delete(look);
				if (this.#failure) reject(this.#failure);
				else resolve();
			};
			this.#looks.add(look);
			look();
		});
	}
}
