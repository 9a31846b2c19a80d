import type { AnyJobDefinition } from "../engine/define-job.ts";
import { toName } from "./intents.ts";
import type { JobOf, SubmitInputOf } from "./job-of.ts";
import { Observable } from "./observable.ts";
import type { ProblemError } from "./problem-error.ts";

export interface SubmitOptions {
	/** At most 200 characters. Default: one made for this submit, and used again after a lost answer. */
	readonly idempotencyKey?: string;
}

export interface SubmitState {
	/** At least one submit has no answer yet. */
	readonly isSubmitting: boolean;
	/** Why the last submit was refused; null from the next one on. */
	readonly error: ProblemError | null;
}

/** Submits a job and puts it into the cache. */
export type Submit<Definition extends AnyJobDefinition> = (
	input: SubmitInputOf<Definition>,
	options?: SubmitOptions,
) => Promise<JobOf<Definition>>;

/** A form's submit: it knows whether it is under way, and takes a double click for one. Made by `client.createSubmitter`. */
export class Submitter<Definition extends AnyJobDefinition> extends Observable<SubmitState> {
	readonly #submit: Submit<Definition>;
	readonly #pending = new Map<string, Promise<JobOf<Definition>>>();

	constructor(submit: Submit<Definition>) {
		super({ isSubmitting: false, error: null });
		this.#submit = submit;
	}

	/**
	 * Resolves with the accepted job. While the same input is under way, its promise is returned and nothing is
	 * sent; give keys of your own to start the same thing several times at once.
	 * @throws ProblemError
	 */
	readonly submit: Submit<Definition> = (input, options = {}) => {
		const name = toName(options.idempotencyKey ?? "", input);
		const running = this.#pending.get(name);
		if (running) return running;
		const job = this.#run(name, input, options);
		this.#pending.set(name, job);
		return job;
	};

	/** Forgets the error. */
	readonly reset = (): void => this.update({ error: null });

	async #run(name: string, input: SubmitInputOf<Definition>, options: SubmitOptions): Promise<JobOf<Definition>> {
		this.update({ isSubmitting: true, error: null });
		try {
			return await this.#submit(input, options);
		} catch (error) {
			this.update({ error: error as ProblemError });
			throw error;
		} finally {
			this.#pending.delete(name);
			this.update({ isSubmitting: this.#pending.size > 0 });
		}
	}
}
