"use client";

import { Button as BaseButton } from "@base-ui/react/button";
import type { VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { buttonStyle } from "./button-style";

type Props = Omit<ComponentProps<typeof BaseButton>, "className"> &
	VariantProps<typeof buttonStyle> & { readonly className?: string };

/** A button that stays in the tab order while it is disabled, so that the reason beside it can be heard. */
export function Button({ variant, size, className, ...rest }: Props) {
	return <BaseButton focusableWhenDisabled {...rest} className={buttonStyle({ variant, size, className })} />;
}
