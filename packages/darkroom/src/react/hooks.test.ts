import "./dom.testsuite.ts";
import { act, cleanup, configure, renderHook, waitFor } from "@testing-library/react";
import { createElement, type ReactNode, StrictMode, useEffect } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DarkroomClient } from "../client/client.ts";
import { createManualClock } from "../client/manual-clock.testsuite.ts";
import { type paintingOf, type Served, serve, untilUp } from "../client/served.testsuite.ts";
import { DarkroomProvider } from "./client-context.ts";
import { useCredits } from "./use-credits.ts";
import { useGenerationJob } from "./use-generation-job.ts";
import { useGenerationJobs } from "./use-generation-jobs.ts";
import { useSubmit } from "./use-submit.ts";

type Painting = ReturnType<typeof paintingOf>;

// What is waited for takes requests and commits; the default of a second is too short where the machine does other things.
configure({ asyncUtilTimeout: 50_000 });

let served: Served;
let client: DarkroomClient;

beforeEach(async () => {
	served = await serve();
	await served.darkroom.grantCredits({ owner: "ada", amount: 10, key: "start" });
	client = served.client();
});

afterEach(async () => {
	cleanup();
	await served.close();
});

const paint = (name: string, by = client) => by.submit<Painting>("paint", { name, layers: 1 });
const count = (start: string) => served.server.requests.filter((name) => name.startsWith(start)).length;

function Page({ children }: { readonly children?: ReactNode }) {
	return createElement(StrictMode, null, createElement(DarkroomProvider, { client }, children));
}

/** Renders within a provider and in strict mode, where every effect runs twice. */
function show<Result, Props>(hook: (props: Props) => Result, initialProps?: Props) {
	let renders = 0;
	const rendered = renderHook(
		(props: Props) => {
			useEffect(() => {
				renders++;
			});
			return hook(props);
		},
		{ wrapper: Page, initialProps },
	);
	return { ...rendered, renders: () => renders };
}

describe("useGenerationJob", () => {
	it("follows a job from loading to its output", async () => {
		const { id } = await paint("sea", served.client());
		const { result } = show(() => useGenerationJob<Painting>(id));
		expect(result.current).toMatchObject({ job: null, isLoading: true, isActive: false });
		await waitFor(() => expect(result.current.isActive).toBe(true));
		served.paintLayer("sea");
		await waitFor(() => expect(result.current.isCompleted).toBe(true));
		expect(result.current.job?.output?.picture).toBe("sea in 1 layers");
		expect(result.current).toMatchObject({ isLoading: false, isActive: false, isFailed: false, error: null });
	});

	it("shares one stream and one read among all hooks of a page, also in strict mode", async () => {
		const { id } = await paint("sea", served.client());
		const { result } = show(() => ({
			card: useGenerationJob<Painting>(id),
			badge: useGenerationJob<Painting>(id),
			list: useGenerationJobs<Painting>({ kind: "paint" }),
		}));
		await served.server.untilRequests(`GET /jobs/${id}`);
		await served.server.untilStreams(1);
		served.paintLayer("sea");
		await waitFor(() => {
			const { card, badge, list } = result.current;
			expect([card.isCompleted, badge.isCompleted, list.jobs[0]?.status]).toEqual([true, true, "completed"]);
		});
		expect([count("GET /events"), count(`GET /jobs/${id}`)]).toEqual([1, 1]);
	});

	it("asks for nothing, waits for nothing and keeps no stream after it has unmounted", async () => {
		const clock = createManualClock();
		client = served.client({ clock });
		const { id } = await paint("sea");
		const { result, unmount } = show(() => [useGenerationJob<Painting>(id), useGenerationJobs(), useCredits()]);
		await untilUp(served, clock);
		// What the stream may have missed of the list is read once more, now that it has caught up.
		await served.server.untilRequests("GET /jobs", 2);
		await waitFor(() => expect(result.current.map(({ isLoading }) => isLoading)).toEqual([false, false, false]));
		unmount();
		clock.advance(1_000);
		await served.server.untilStreams(0);
		const before = served.server.requests.length;
		await client.cancelJob(id);
		clock.advance(600_000);
		expect(clock.pending).toBe(0);
		expect(served.server.requests.slice(before)).toEqual([`DELETE /jobs/${id}`]);
	});

	it("follows nothing for null, then the job it is given, then another", async () => {
		const [sea, sky] = await Promise.all([paint("sea"), paint("sky")]);
		const { result, rerender } = show(({ id }: { id: string | null }) => useGenerationJob<Painting>(id), {
			id: null as string | null,
		});
		expect(result.current).toMatchObject({ job: null, isLoading: false });
		expect(count("GET")).toBe(0);
		await expect(result.current.cancel()).rejects.toMatchObject({ code: "not_found" });
		rerender({ id: sea.id });
		expect(result.current.job?.id).toBe(sea.id);
		rerender({ id: sky.id });
		expect(result.current.job?.id).toBe(sky.id);
	});

	it("cancels and retries", async () => {
		const { id } = await paint("sea");
		const { result } = show(() => useGenerationJob<Painting>(id));
		await act(() => result.current.cancel());
		expect(result.current.job?.status).toBe("cancelled");
		await act(() => result.current.retry());
		expect(result.current.isActive).toBe(true);
	});

	it("says when a job is not there", async () => {
		const { result } = show(() => useGenerationJob("no-such-job"));
		await waitFor(() => expect(result.current.error?.code).toBe("not_found"));
		expect(result.current.isLoading).toBe(false);
	});

	it("renders once for each change, not for each render of its parent", async () => {
		const { id } = await paint("sea");
		const { result, rerender, renders } = show(() => useGenerationJob<Painting>(id));
		await waitFor(() => expect(result.current.job?.status).toBe("running"));
		const { current } = result;
		const before = renders();
		rerender(undefined);
		expect(result.current).toBe(current);
		expect(renders()).toBe(before + 1);
	});
});

describe("useGenerationJobs", () => {
	it("shows new jobs and changes live, with a filter written inline", async () => {
		const { result, renders } = show(() =>
			useGenerationJobs<Painting>({ kind: "paint", status: ["queued", "running"] }),
		);
		await waitFor(() => expect(result.current.isLoading).toBe(false));
		await served.server.untilStreams(1);
		const own = await act(() => paint("own"));
		expect(result.current.jobs.map(({ id }) => id)).toEqual([own.id]);
		await act(() => paint("other", served.client()));
		await waitFor(() => expect(result.current.jobs).toHaveLength(2));
		served.paintLayer("own");
		await waitFor(() => expect(result.current.jobs.map(({ id }) => id)).not.toContain(own.id));
		expect(renders()).toBeLessThan(20);
	});
});

describe("useSubmit", () => {
	it("takes a double click for one and hands over the job, which lists show at once", async () => {
		const { result } = show(() => ({
			form: useSubmit<Painting>("paint"),
			list: useGenerationJobs<Painting>({ kind: "paint" }),
		}));
		await waitFor(() => expect(result.current.list.isLoading).toBe(false));
		let jobs: readonly { readonly id: string }[] = [];
		await act(async () => {
			const clicks = [1, 2].map(() => result.current.form.submit({ name: "sea" }));
			jobs = await Promise.all(clicks);
		});
		expect(jobs[0]?.id).toBe(jobs[1]?.id);
		expect(count("POST /jobs/paint")).toBe(1);
		expect(result.current.form).toMatchObject({ isSubmitting: false, error: null });
		expect(result.current.list.jobs.map(({ id }) => id)).toEqual([jobs[0]?.id]);
	});

	it("keeps the refusal, with its facts, until it is reset", async () => {
		const { result } = show(() => useSubmit<Painting>("paint"));
		await act(async () => {
			await expect(result.current.submit({ name: "dear", layers: 11 })).rejects.toMatchObject({
				code: "insufficient_credits",
			});
		});
		expect(result.current.error?.data).toMatchObject({ needed: 11, available: 10 });
		act(() => result.current.reset());
		expect(result.current.error).toBeNull();
	});
});

describe("useCredits", () => {
	it("follows holds and charges, the same for all who show it", async () => {
		const { result } = show(() => [useCredits(), useCredits()]);
		await waitFor(() => expect(result.current[0]).toMatchObject({ isLoading: false, available: 10, held: 0 }));
		await act(() => paint("sea"));
		await waitFor(() => expect(result.current[1]).toMatchObject({ available: 9, held: 1 }));
		expect(result.current[0]).toMatchObject({ available: 9, held: 1 });
		expect(count("GET /credits")).toBe(2);
	});
});

describe("on the server", () => {
	it("the hooks render as loading and ask for nothing", () => {
		function Gallery() {
			const { isLoading: isJobLoading } = useGenerationJob("j1");
			const { isLoading: isListLoading } = useGenerationJobs();
			const { isLoading: areCreditsLoading } = useCredits();
			const { isSubmitting } = useSubmit("paint");
			return createElement("p", null, [isJobLoading, isListLoading, areCreditsLoading, isSubmitting].join(" "));
		}
		expect(renderToString(createElement(Page, null, createElement(Gallery)))).toBe("<p>true true true false</p>");
		expect(served.server.requests).toEqual([]);
	});
});
