import { z } from "zod";

/** Settings of the target `local`. */
export const localSettings = z.strictObject({
  host: z.string().optional().describe("Name or address that clients dial. Default: 127.0.0.1."),
  listenAddress: z.string().optional().describe("IPv4 address sshd listens on. Default: all."),
  directory: z.string().optional().describe("Folder for everything of this bastion, an absolute path."),
});
