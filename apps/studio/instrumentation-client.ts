import { stopHolding } from "@/ui/early-press";

// Next runs this file just before React takes the page over.
stopHolding();
