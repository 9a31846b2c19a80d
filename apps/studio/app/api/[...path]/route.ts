import { toNextHandlers } from "darkroom/next";
import { getConfig } from "@/server/config";
import { getDarkroom } from "@/server/darkroom";
import { sessionUserId } from "@/server/session";

export const dynamic = "force-dynamic";

const handlers = toNextHandlers(getDarkroom, { viewer: sessionUserId });
export const { GET, POST, DELETE, HEAD } = handlers;
