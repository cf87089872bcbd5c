import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// A deployment is short, and most of its start is Node compiling Pulumi's SDK: what was compiled is kept for the next
// one, beside the CLI. It has to be said before anything else is imported.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-reverse-bastion/node"));
const { deployCustomer } = await import("./program.ts");

export default deployCustomer;
