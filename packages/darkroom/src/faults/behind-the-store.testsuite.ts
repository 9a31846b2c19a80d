/** The database as it is, through no code of the store. What all databases say alike is asked in the audit's own SQL. */
export interface BehindTheStore {
	/** The rows of one SELECT, as of one moment; whole numbers are numbers. */
	ask<Row>(sql: string): Promise<Row[]>;
	/** SELECT of `job_id`, `name` and `finished_at` of each completed step. */
	readonly completedSteps: string;
	/** SELECT of `job_id`, `type`, `posted` and `held` of each entry of a job. */
	readonly jobEntries: string;
	/** Whether somebody is in the middle of a commit for which everyone else would wait. */
	isHeldUp(): boolean;
	/** Whether an error says that the database could not be asked just now. */
	isAway(error: unknown): boolean;
}
