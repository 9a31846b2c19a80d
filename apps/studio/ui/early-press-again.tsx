"use client";

import { useEffect } from "react";
import { pressAgain } from "./early-press";

/** Does, once the page works, what somebody has pressed before. */
export function EarlyPressAgain() {
	useEffect(pressAgain, []);
	return null;
}
