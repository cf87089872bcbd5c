/** How a person calls this command line. Whatever wraps it says so; `npx` and an installed package need no wrapper. */
export const BASTION = process.env.BASTION_COMMAND ?? (process.env.npm_command === "exec" ? "npx bastion" : "bastion");

/** How a person calls the engine's own command line on the same project. */
export const PULUMI = process.env.BASTION_PULUMI_COMMAND ?? "pulumi";
