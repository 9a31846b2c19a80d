"use client";

import { Trash2 } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { deleteGeneration } from "./delete-generation";
import { announceDeleted } from "./deleted";

interface Props {
	readonly jobId: string;
	readonly onDeleted?: () => void;
	/** Default: an icon alone. */
	readonly hasLabel?: boolean;
}

export function DeleteButton({ jobId, onDeleted, hasLabel = false }: Props) {
	const [isBusy, setBusy] = useState(false);
	async function remove() {
		setBusy(true);
		const { fault } = await deleteGeneration(jobId);
		setBusy(false);
		if (fault) return toast.error(fault);
		toast("Deleted.");
		announceDeleted(jobId);
		onDeleted?.();
	}
	return (
		<ConfirmDialog
			trigger={
				<Button
					variant="quiet"
					size={hasLabel ? "regular" : "icon"}
					disabled={isBusy}
					aria-label={hasLabel ? undefined : "Delete"}
				>
					<Trash2 aria-hidden className="size-4" />
					{hasLabel ? "Delete" : null}
				</Button>
			}
			title="Delete this plushie?"
			description="The picture and its record are removed for good. Credits already paid are not given back."
			confirm="Delete"
			onConfirm={remove}
		/>
	);
}
