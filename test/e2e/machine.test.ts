import { AWS_MACHINE, testAwsMachine } from "./support/aws-machine.ts";
import { AZURE_MACHINE, testAzureMachine } from "./support/azure-machine.ts";
import { GCP_MACHINE, testGcpMachine } from "./support/gcp-machine.ts";
import { describeMachine } from "./support/machine-scene.ts";

describeMachine(AWS_MACHINE, testAwsMachine);
describeMachine(GCP_MACHINE, testGcpMachine);
describeMachine(AZURE_MACHINE, testAzureMachine);
