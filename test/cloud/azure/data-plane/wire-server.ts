import { once } from "node:events";
import { createServer } from "node:http";
import type { World } from "../../world/world.ts";
import { PLATFORM_ADDRESS } from "./address-prefixes.ts";
import { declaredMachines } from "./declared-machine.ts";

/**
 * The platform's end of a machine's provisioning: tells it which goal state it is to reach, and is told that it has. Of
 * certificates and extensions there are none here.
 */
export class WireServer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      const asked = new URL(request.url ?? "/", "http://wire-server").searchParams.get("comp");
      const machine = declaredMachines(this.#world.read()).find((one) => one.machine.address === request.socket.remoteAddress);
      const isVersioned = request.headers["x-ms-version"] !== undefined;
      if (machine === undefined || !isVersioned) response.writeHead(400).end();
      else if (request.method === "GET" && asked === "goalstate")
        response.writeHead(200, { "content-type": "text/xml; charset=utf-8" }).end(goalState(machine.id));
      else if (request.method === "POST" && asked === "health") response.writeHead(200).end();
      else response.writeHead(404).end();
      request.resume();
    });
    server.listen(80, PLATFORM_ADDRESS);
    await once(server, "listening");
  }
}

function goalState(machineId: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<GoalState>
  <Version>2012-11-30</Version>
  <Incarnation>1</Incarnation>
  <Machine>
    <ExpectedState>Started</ExpectedState>
  </Machine>
  <Container>
    <ContainerId>${machineId}</ContainerId>
    <RoleInstanceList>
      <RoleInstance>
        <InstanceId>${machineId}</InstanceId>
        <State>Started</State>
      </RoleInstance>
    </RoleInstanceList>
  </Container>
</GoalState>
`;
}
