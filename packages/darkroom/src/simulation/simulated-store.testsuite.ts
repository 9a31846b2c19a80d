import { DarkroomError } from "../core/errors.ts";
import { Listeners } from "../store/listeners.ts";
import { anything, type Change, type Elsewhere, type Store } from "../store/store.ts";
import type { Connection } from "./database.testsuite.ts";
import type { CommitFault, SimulatedProcess } from "./simulated-process.testsuite.ts";
import { type Method, methods, type StoreCall } from "./store-call.testsuite.ts";
import type { Witness } from "./witness.testsuite.ts";
import { throwAtOnce, type World } from "./world.testsuite.ts";

export interface SimulatedStoreOptions {
	readonly world: World;
	readonly process: SimulatedProcess;
	readonly connection: Connection;
	readonly witness: Witness;
	/** How long its answers take at most, in ms: 0 for a store in the process, which answers within the turn. */
	readonly latencyMs: number;
}

/**
 * A process's way to the real store: transitions of a turn together, as the real one commits them, with the faults that
 * the world sends. A remote one takes its time: for the way there, and for the way back.
 */
export class SimulatedStore {
	readonly #options: SimulatedStoreOptions;
	readonly #listeners = new Listeners<readonly Change[]>({ onError: throwAtOnce });
	readonly #elsewhereListeners = new Listeners<Elsewhere>({ onError: throwAtOnce });
	/** Answers on their way back, which cannot overtake each other. */
	readonly #answers: (() => void)[] = [];
	#queue: StoreCall[] = [];
	#isScheduled = false;
	#isDeaf = false;
	#hasMissed = false;

	constructor(options: SimulatedStoreOptions) {
		this.#options = options;
		options.connection.onChange = (changes) => this.#changed(changes);
		options.connection.onElsewhere = (news) => this.#changedElsewhere(news);
	}

	asStore(): Store {
		const calls = Object.entries(methods).map(([name, sort]) => {
			const method = name as Method;
			return [method, (...args: unknown[]) => (sort === "read" ? this.#read(method, args) : this.#ask(method, args))];
		});
		return {
			...Object.fromEntries(calls),
			name: "simulated",
			open: async () => {},
			close: async () => {},
			leasePrefix: () => "",
			onChange: (listener: (changes: readonly Change[]) => void) => this.#listeners.add(listener),
			onElsewhere: (listener: (news: Elsewhere) => void) => this.#elsewhereListeners.add(listener),
		} as Store;
	}

	/**
	 * Of a commit whose answer is lost the news is lost too: with the next commit that is answered, everyone looks for
	 * themselves.
	 */
	#changed(changes: readonly Change[]): void {
		this.#options.witness.changed(changes);
		if (this.#isDeaf) this.#hasMissed = true;
		else this.#deliver(() => this.#listeners.tell(changes));
	}

	#changedElsewhere(news: Elsewhere): void {
		if (this.#isDeaf) this.#hasMissed = true;
		else this.#deliver(() => this.#elsewhereListeners.tell(news));
	}

	#call(method: Method, args: readonly unknown[]): Promise<unknown> {
		const call = this.#options.connection.store[method] as (...args: readonly unknown[]) => Promise<unknown>;
		// Which jobs changed is a hint that only a store in the process can use, and one that has told everything.
		const isHintOfUse = this.#options.latencyMs === 0 && !this.#hasMissed;
		return call(...(method === "listChanges" && !isHintOfUse ? args.slice(0, 3) : args));
	}

	get #isAway(): boolean {
		return this.#options.process.storeAwayUntil > this.#options.world.now;
	}

	#read(method: Method, args: readonly unknown[]): Promise<unknown> {
		const { latencyMs, process, world } = this.#options;
		if (latencyMs === 0) return this.#isAway ? Promise.reject(unavailable()) : this.#call(method, args);
		return new Promise((resolve, reject) => {
			const ask = () => {
				if (this.#isAway) return reject(unavailable());
				const back = (answer: () => void) => void world.after(process, this.#someTime(), answer);
				this.#call(method, args).then(
					(answer) => back(() => resolve(answer)),
					(error: unknown) => back(() => reject(error)),
				);
			};
			if (process.isAlive) world.after(process, this.#someTime(), ask);
		});
	}

	#someTime(): number {
		return this.#options.world.chance.below(this.#options.latencyMs + 1);
	}

	#ask(method: Method, args: readonly unknown[]): Promise<unknown> {
		return new Promise((resolve, reject) => {
			if (!this.#options.process.isAlive) return;
			this.#queue.push({ method, args, resolve, reject, held: undefined, changes: 0, isAlone: false });
			this.#schedule();
		});
	}

	#schedule(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		const { latencyMs, process, world } = this.#options;
		if (latencyMs === 0) process.defer(() => this.#commit());
		else world.after(process, this.#someTime(), () => this.#commit());
	}

	#commit(): void {
		const { process, world } = this.#options;
		const calls = this.#queue;
		this.#queue = [];
		this.#isScheduled = false;
		const fault = this.#takeFault();
		if (fault !== undefined) world.note(`commit ${fault}`);
		if (fault === "refused") this.#deliver(() => refuse(calls));
		else if (fault === "dies-before") process.kill();
		else this.#hand(calls, fault);
	}

	#hand(calls: readonly StoreCall[], fault: CommitFault | undefined): void {
		const { process, world, connection, witness } = this.#options;
		this.#isDeaf = fault !== undefined;
		const isEachAlone = calls.length === 1 || world.chance.is(0.5);
		for (const call of calls) {
			this.#submit(call, isEachAlone, fault);
			if (!isEachAlone) continue;
			const before = witness.changes;
			connection.endTurn();
			call.changes = witness.changes - before;
		}
		connection.endTurn();
		this.#isDeaf = false;
		if (this.#hasMissed && fault === undefined) {
			this.#hasMissed = false;
			this.#changedElsewhere(anything);
		}
		if (fault === "dies-after") process.kill();
	}

	#takeFault(): CommitFault | undefined {
		const { process } = this.#options;
		const fault = process.commitFault;
		process.commitFault = undefined;
		return this.#isAway ? "refused" : fault;
	}

	/** Hands a call to the real store; its turn is ended by the caller. */
	#submit(call: StoreCall, isAlone: boolean, fault: CommitFault | undefined): void {
		const { witness, process } = this.#options;
		call.held = witness.leasesHeld(call);
		call.isAlone = isAlone;
		const isHeard = fault === undefined;
		this.#call(call.method, call.args).then(
			(answer) => {
				witness.committed(process, call, answer);
				if (!isHeard) return this.#deliver(() => call.reject(unavailable()));
				this.#deliver(() => {
					if (call.method === "extendLeases") witness.heardOfExtension(call, answer as string[]);
					call.resolve(answer);
				});
			},
			(error: unknown) => {
				witness.refused(process, call, error);
				this.#deliver(() => call.reject(isHeard ? error : unavailable()));
			},
		);
	}

	/** At once, or on the way back from a remote store, behind the answers that went before. */
	#deliver(answer: () => void): void {
		const { latencyMs, process, world } = this.#options;
		if (!process.isAlive) return;
		if (latencyMs === 0) {
			answer();
			return;
		}
		this.#answers.push(answer);
		world.after(process, this.#someTime(), () => this.#answers.shift()?.());
	}
}

function refuse(calls: readonly StoreCall[]): void {
	for (const call of calls) call.reject(unavailable());
}

function unavailable(): DarkroomError {
	return new DarkroomError("store_unavailable", { detail: "The simulated database is away.", retryAfterMs: 1_000 });
}
