"use client";

import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { ReactElement } from "react";
import { buttonStyle } from "./button-style";

interface Props {
	/** The button that opens it. */
	readonly trigger: ReactElement;
	readonly title: string;
	readonly description: string;
	readonly confirm: string;
	readonly onConfirm: () => void;
}

/** Asks before what cannot be taken back. */
export function ConfirmDialog({ trigger, title, description, confirm, onConfirm }: Props) {
	return (
		<AlertDialog.Root>
			<AlertDialog.Trigger render={trigger} />
			<AlertDialog.Portal>
				<AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/55 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0" />
				<AlertDialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-2xl border border-line bg-sheet p-6 text-ink shadow-2xl transition-[opacity,scale] duration-200 data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0">
					<AlertDialog.Title className="text-xl">{title}</AlertDialog.Title>
					<AlertDialog.Description className="mt-2 text-faded">{description}</AlertDialog.Description>
					<div className="mt-6 flex flex-wrap justify-end gap-2">
						<AlertDialog.Close className={buttonStyle({ variant: "quiet" })}>Keep it</AlertDialog.Close>
						<AlertDialog.Close className={buttonStyle({ variant: "primary" })} onClick={onConfirm}>
							{confirm}
						</AlertDialog.Close>
					</div>
				</AlertDialog.Popup>
			</AlertDialog.Portal>
		</AlertDialog.Root>
	);
}
