// #region session
/** Stands for your app's own sign-in: who asks, or null for nobody. */
export async function sessionUserId(request: Request): Promise<string | null> {
	return request.headers.get("x-signed-in-user");
}
// #endregion
