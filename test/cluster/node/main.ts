/**
 * The node of a cluster: `main.ts OUTSIDE FILE`, started by guard.sh. FILE is a `NodeDeclaration` as JSON; OUTSIDE is the network
 * namespace that stands for everything outside of the cluster. Ends when its standard input ends.
 */
import { readFileSync } from "node:fs";
import { makePrivateRun } from "../../cloud/machine/namespace.ts";
import { ApiClient } from "../api.ts";
import type { NodeDeclaration } from "./declaration.ts";
import { relayApiServer } from "./network/api-relay.ts";
import { makeNodeNetwork } from "./network/namespaces.ts";
import { ClusterNode } from "./node.ts";

const [outside, file] = process.argv.slice(2) as [string, string];
const { connection, logs, images, serviceBlock, dnsAddress } = JSON.parse(readFileSync(file, "utf8")) as NodeDeclaration;

// Processes, mounts and networks are in namespaces that end with this process.
process.stdin.resume().once("end", () => process.exit(0));

await makePrivateRun(outside);
await makeNodeNetwork(outside, serviceBlock);
await relayApiServer(connection.server);
await new ClusterNode(new ApiClient(connection), { folder: "/run/pods", logs, images, dnsAddress }).join();
process.stdout.write("ready\n");
