import { redirect } from "next/navigation";
import { Landing } from "@/features/site/landing";
import { getConfig } from "@/server/config";
import { currentViewer } from "@/server/session";

export default async function HomePage() {
	if (await currentViewer()) redirect("/plushies");
	return <Landing starterCredits={getConfig().starterCredits} />;
}
