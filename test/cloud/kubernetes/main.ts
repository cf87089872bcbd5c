import process from "node:process";
import { EngineLog } from "./grpc/engine-log.ts";
import { serve } from "./grpc/serve.ts";
import { KubernetesProvider } from "./kubernetes-provider.ts";

await serve(new KubernetesProvider(new EngineLog(process.argv[2])));
