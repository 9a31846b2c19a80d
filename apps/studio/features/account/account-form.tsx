"use client";

import { type SyntheticEvent, useState } from "react";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";
import { TextField } from "@/ui/text-field";
import { authClient, enter } from "./auth-client";
import { refusalOf, sentenceFor } from "./refusal";

interface Props {
	readonly purpose: "sign-in" | "sign-up";
	readonly next: string;
}

/** Signs in or up. A guest who does either keeps jobs, pictures and credits: the server moves them. */
export function AccountForm({ purpose, next }: Props) {
	const [isBusy, setBusy] = useState(false);
	const [fault, setFault] = useState<string>();

	async function send(event: SyntheticEvent<HTMLFormElement>) {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const email = String(form.get("email"));
		const password = String(form.get("password"));
		setBusy(true);
		setFault(undefined);
		const refusal = await refusalOf(
			purpose === "sign-in"
				? authClient.signIn.email({ email, password })
				: authClient.signUp.email({ email, password, name: String(form.get("name")) }),
		);
		if (!refusal) return enter(next);
		setBusy(false);
		setFault(sentenceFor(refusal, "Too many tries. Please wait ten seconds and try again."));
	}

	const isNew = purpose === "sign-up";
	return (
		<form method="post" onSubmit={send} className="space-y-5">
			{isNew ? <TextField label="Name" name="name" autoComplete="name" required maxLength={80} /> : null}
			<TextField label="E-mail" name="email" type="email" autoComplete="email" required />
			<TextField
				label="Password"
				name="password"
				type="password"
				autoComplete={isNew ? "new-password" : "current-password"}
				minLength={isNew ? 8 : undefined}
				hint={isNew ? "At least 8 characters." : undefined}
				required
			/>
			{fault ? (
				<Notice tone="error" isLive>
					{fault}
				</Notice>
			) : null}
			<Button type="submit" variant="primary" className="w-full" disabled={isBusy}>
				{isBusy ? "One moment…" : isNew ? "Create account" : "Sign in"}
			</Button>
		</form>
	);
}
