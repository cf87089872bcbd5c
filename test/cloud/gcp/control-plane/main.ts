import { CloudProvider } from "../../world/provider/cloud-provider.ts";
import { serve } from "../../world/provider/serve.ts";
import { World } from "../../world/world.ts";
import { gcpCloud } from "./gcp-cloud.ts";

await serve(new CloudProvider(gcpCloud, World.ofEnvironment()));
