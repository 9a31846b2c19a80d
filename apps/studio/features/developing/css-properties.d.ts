import "react";

declare module "react" {
	interface CSSProperties {
		/** How far a picture is developed, 0 to 1; see `globals.css`. */
		"--develop"?: number;
		/** Between which widths a bar creeps; see `globals.css`. */
		"--from"?: `${number}%`;
		"--to"?: `${number}%`;
	}
}
