import { CloudProvider } from "../../world/provider/cloud-provider.ts";
import { serve } from "../../world/provider/serve.ts";
import { World } from "../../world/world.ts";
import { AZURE } from "./azure-cloud.ts";

await serve(new CloudProvider(AZURE, World.ofEnvironment()));
