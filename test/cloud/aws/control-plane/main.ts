import { CloudProvider } from "../../world/provider/cloud-provider.ts";
import { serve } from "../../world/provider/serve.ts";
import { World } from "../../world/world.ts";
import { awsCloud } from "./aws-cloud.ts";

await serve(new CloudProvider(awsCloud, World.ofEnvironment()));
