import process from "node:process";
import { EngineLog } from "../plugin/engine-log.ts";
import { KubernetesProvider } from "./kubernetes-provider.ts";
import { serve } from "./serve.ts";

await serve(new KubernetesProvider(new EngineLog(process.argv[2])));
