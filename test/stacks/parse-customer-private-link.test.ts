import { expect, test } from "vitest";
import { parseCustomer } from "../../stacks/parse-customer.ts";
import { parseBastionFile } from "../support/customer-files.ts";
import { problemsOf } from "../support/problems.ts";

const HEAD = "customer: acme\ntarget: private-link\n";
/** The first six lines of a file with a bastion. */
const LOCAL = `customer: acme
target: local
clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
tunnels: [{ name: orders, bindPort: 15000 }]
clients: [{ name: dc1, generateKey: ed25519 }]
`;

const SUBSCRIPTION = "99999999-8888-7777-6666-555555555555";
const ALIAS = "orders.0a1b2c3d-0000-4444-8888-abcdefabcdef.northeurope.azure.privatelinkservice";
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/prod`;
/** What a message shows of an id. */
const SHOWN = `"/subscriptions/${SUBSCRIPTION}/reso…"`;
const EXAMPLE = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers";
const NO_SERVICE = `expected a Private Link Service: its alias, such as "orders.00000000-0000-0000-0000-000000000000.westeurope.azure.privatelinkservice", or its id, such as "${EXAMPLE}/Microsoft.Network/privateLinkServices/orders"`;
const NAME_RULE = 'a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit';
const NOTHING = "target: nothing would be made; name privateEndpoints, privateLinkServices, or another target";
const ENDPOINT_FIELDS =
  "name, service, location, resourceGroup, virtualNetworkId, subnetId, networkCidr, privateAddress, requestMessage, autoApproval, waitMinutes, tags";
const SERVICE_FIELDS =
  "name, location, ports, frontendSubnetId, virtualNetworkId, natNetworkCidr, natSubnetId, natAddressCount, probe, idleTimeoutMinutes, visibility, autoApproval, alertActionGroupIds, resourceGroup, tags";

const ENDPOINT = { name: "orders", service: ALIAS, location: "westeurope" };
const SERVICE = {
  name: "orders",
  location: "westeurope",
  virtualNetworkId: NETWORK,
  natNetworkCidr: "10.0.250.0/28",
  frontendSubnetId: `${NETWORK}/subnets/databases`,
  ports: [{ name: "postgres", port: 5432 }],
};

/** A line of a file; JSON is YAML too. */
const endpoints = (...values: readonly unknown[]) => `privateEndpoints: ${JSON.stringify(values)}\n`;
const services = (...values: readonly unknown[]) => `privateLinkServices: ${JSON.stringify(values)}\n`;

/** What is wrong with a file, as `line path: reason`. */
const problemsIn = (text: string) =>
  problemsOf(() => parseCustomer(text, "acme.yaml")).map(({ path, reason }) => `${path.slice("acme.yaml:".length)}: ${reason}`);

test("a whole file without a bastion is read", () => {
  const privateEndpoints = [
    {
      ...ENDPOINT,
      resourceGroup: "platform",
      virtualNetworkId: NETWORK,
      networkCidr: "10.0.7.0/28",
      privateAddress: "10.0.7.4",
      requestMessage: "TICKET-1",
      waitMinutes: 0,
      tags: { team: "data" },
    },
    { ...ENDPOINT, name: "billing", service: `${NETWORK.replace("virtualNetworks/prod", "privateLinkServices/b")}`, autoApproval: true },
    { ...ENDPOINT, name: "stock", subnetId: `${NETWORK}/subnets/endpoints` },
  ];
  const { virtualNetworkId: _network, natNetworkCidr: _block, ...placeless } = SERVICE;
  const privateLinkServices = [
    {
      ...SERVICE,
      ports: [{ name: "postgres", port: 5432, probePort: 5433 }],
      natAddressCount: 2,
      probe: { intervalSeconds: 5, failureCount: 2 },
      idleTimeoutMinutes: 30,
      visibility: [SUBSCRIPTION],
      autoApproval: [SUBSCRIPTION],
      alertActionGroupIds: [`/subscriptions/${SUBSCRIPTION}/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/on-call`],
      resourceGroup: "platform",
      tags: { team: "data" },
    },
    { ...placeless, name: "billing", natSubnetId: `${NETWORK}/subnets/private-link` },
  ];
  const text = `${HEAD}${endpoints(...privateEndpoints)}${services(...privateLinkServices)}`;
  expect(parseCustomer(text, "acme.yaml")).toEqual({ customer: "acme", target: "private-link", privateEndpoints, privateLinkServices });
});

test("one of the two lists is enough, and both may stand beside a bastion", () => {
  expect(parseCustomer(`${HEAD}${endpoints(ENDPOINT)}`, "acme.yaml")).toMatchObject({ privateEndpoints: [ENDPOINT] });
  expect(parseCustomer(`${HEAD}${services(SERVICE)}${endpoints()}`, "acme.yaml")).toMatchObject({ privateLinkServices: [SERVICE] });
  for (const target of ["local", "aws"])
    expect(parseBastionFile(`${LOCAL.replace("local", target)}${endpoints(ENDPOINT)}${services(SERVICE)}`, "acme.yaml")).toMatchObject({
      target,
      privateEndpoints: [ENDPOINT],
      privateLinkServices: [SERVICE],
    });
  expect(parseBastionFile(`${LOCAL}${endpoints()}${services()}`, "acme.yaml").privateEndpoints).toEqual([]);
});

test("a file that would make nothing is refused", () => {
  expect(problemsIn(HEAD)).toEqual([`2 ${NOTHING}`]);
  expect(problemsIn(`${HEAD}${endpoints()}${services()}`)).toEqual([`2 ${NOTHING}`]);
});

test("what is a bastion's is no field of a file without one", () => {
  const allowed = "is no field here; allowed is customer, target, privateEndpoints, privateLinkServices";
  const text = `${HEAD}tunnels: [{ name: orders }]\nclientCidrs: [nonsense]\nsshPort: 22\nazure: {}\n`;
  expect(problemsIn(`${text}${endpoints(ENDPOINT)}`)).toEqual([
    `3 tunnels: ${allowed}`,
    `4 clientCidrs: ${allowed}`,
    `5 sshPort: ${allowed}`,
    `6 azure: ${allowed}`,
  ]);
  expect(problemsIn(`${HEAD}tunnels: []\n`)).toEqual([`3 tunnels: ${allowed}`, `2 ${NOTHING}`]);
});

test("every field that has to be there is named, once, with what belongs there", () => {
  expect(problemsIn(`${HEAD}${endpoints({})}${services({})}`)).toEqual([
    "3 privateEndpoints[0].name: is missing; expected a text",
    "3 privateEndpoints[0].service: is missing; expected a text",
    "3 privateEndpoints[0].location: is missing; expected a text",
    "4 privateLinkServices[0].name: is missing; expected a text",
    "4 privateLinkServices[0].location: is missing; expected a text",
    "4 privateLinkServices[0].ports: is missing; expected a list",
    "4 privateLinkServices[0].frontendSubnetId: is missing; expected a text",
    "4 privateLinkServices[0].virtualNetworkId: is missing; name the virtual network of the machines, or a subnet of it in natSubnetId",
    "4 privateLinkServices[0].natNetworkCidr: is missing; say from which addresses of the virtual network consumers' connections are to come, or name a subnet in natSubnetId",
  ]);
  expect(problemsIn(`target: private-link\n${endpoints(ENDPOINT)}`)).toEqual(["1 customer: is missing; expected a text"]);
});

/** Everything that can be wrong at once, each on a line of its own; the first line is the one after `head`. */
const WRONG = `privateEndpoints:
  - name: orders
    service: orders.example.com
    location: West Europe
    subnetId: ${NETWORK}
    waitMinutes: 1000
  - name: orders
    service: ${ALIAS}
    location: westeurope
    autoApproval: true
    virtualNetworkId: ${NETWORK}
  - name: ${"x".repeat(36)}
    service: ${ALIAS}
    location: westeurope
    colour: red
privateLinkServices:
  - name: Stock
    location: westeurope
    virtualNetworkId: ${NETWORK}
    natNetworkCidr: 10.0.250.0/30
    frontendSubnetId: ${NETWORK.replace("prod", "dev")}/subnets/databases
    ports:
      - { name: postgres, port: 5432 }
      - { name: postgres, port: none }
    visibility:
      - ${SUBSCRIPTION}
    autoApproval:
      - ${SUBSCRIPTION.replace("9", "8")}
    alertActionGroupIds:
      - ${NETWORK}
`;

/** What is wrong with it, with the number of lines before it. */
const wrongAfter = (lines: number) =>
  (
    [
      [3, `privateEndpoints[0].service: got "orders.example.com"; ${NO_SERVICE}`],
      [4, 'privateEndpoints[0].location: got "West Europe"; write "westeurope"'],
      [
        5,
        `privateEndpoints[0].subnetId: got ${SHOWN}; expected something like "${EXAMPLE}/Microsoft.Network/virtualNetworks/prod/subnets/endpoints"`,
      ],
      [6, "privateEndpoints[0].waitMinutes: got 1000; expected a whole number of minutes, 0–720, where 0 does not wait"],
      [7, 'privateEndpoints[1].name: "orders" is already the name of privateEndpoints[0]; names are unique'],
      [7, "privateEndpoints[1].networkCidr: is missing; say which addresses of the virtual network the endpoint's subnet gets"],
      [
        10,
        "privateEndpoints[1].autoApproval: needs the ARM id of a service on which you have rights; by its alias, the owner approves by hand: give the id, or leave this out",
      ],
      [12, `privateEndpoints[2].name: got "${"x".repeat(36)}"; with the customer's name it has 41 characters, and 40 are allowed`],
      [15, `privateEndpoints[2].colour: is no field here; allowed is ${ENDPOINT_FIELDS}`],
      [17, `privateLinkServices[0].name: got "Stock"; ${NAME_RULE}`],
      [19, "privateLinkServices[0].virtualNetworkId: is hub/prod, and frontendSubnetId is in hub/dev; choose one network"],
      [20, 'privateLinkServices[0].natNetworkCidr: got "10.0.250.0/30"; a subnet has an IPv4 block of /8 to /29, such as "10.0.250.0/28"'],
      [24, "privateLinkServices[0].ports[1].name: postgres is another port's name too; each has its own"],
      [24, 'privateLinkServices[0].ports[1].port: got "none"; expected a whole number'],
      [
        28,
        `privateLinkServices[0].autoApproval[0]: "${SUBSCRIPTION.replace("9", "8")}" is not in visibility, so it could not ask in the first place; add it there`,
      ],
      [
        30,
        `privateLinkServices[0].alertActionGroupIds[0]: got ${SHOWN}; expected something like "${EXAMPLE}/Microsoft.Insights/actionGroups/on-call"`,
      ],
    ] as const
  ).map(([line, problem]) => `${lines + line} ${problem}`);

test("all problems come at once, each with the line it stands on", () => {
  expect(problemsIn(`${HEAD}${WRONG}`).sort()).toEqual(wrongAfter(2).sort());
});

test("beside a bastion the same is refused, together with what is wrong with the bastion", () => {
  const bindPort =
    "5 tunnels[0].bindPort: got 22; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)";
  expect(problemsIn(`${LOCAL.replace("15000", "22")}${WRONG}`).sort()).toEqual([bindPort, ...wrongAfter(6)].sort());
  // Without a target that can be read, too.
  expect(problemsIn(`${LOCAL.replace("local", "vmware")}${WRONG}`).sort()).toEqual(
    ['2 target: got "vmware"; allowed is aws, azure, gcp, kubernetes, local, private-link', ...wrongAfter(6)].sort(),
  );
});

test("names are unique in each list, and an endpoint may be called like a service", () => {
  expect(parseCustomer(`${HEAD}${endpoints(ENDPOINT)}${services(SERVICE)}`, "acme.yaml").customer).toBe("acme");
  expect(problemsIn(`${HEAD}${endpoints(ENDPOINT, ENDPOINT)}${services(SERVICE, SERVICE)}`)).toEqual([
    '3 privateEndpoints[1].name: "orders" is already the name of privateEndpoints[0]; names are unique',
    '4 privateLinkServices[1].name: "orders" is already the name of privateLinkServices[0]; names are unique',
  ]);
});

test("a name may be as long as it fits together with the customer's, and what is too long by itself is said once", () => {
  const withNames = (length: number) =>
    `${HEAD}${endpoints({ ...ENDPOINT, name: "x".repeat(length) })}${services({ ...SERVICE, name: "x".repeat(length) })}`;
  expect(parseCustomer(withNames(35), "acme.yaml").customer).toBe("acme");
  const tooLong = (length: number) =>
    `got "${"x".repeat(length)}"; with the customer's name it has ${length + 5} characters, and 40 are allowed`;
  expect(problemsIn(withNames(36))).toEqual([
    `3 privateEndpoints[0].name: ${tooLong(36)}`,
    `4 privateLinkServices[0].name: ${tooLong(36)}`,
  ]);
  expect(problemsIn(withNames(40))).toEqual([
    `3 privateEndpoints[0].name: ${tooLong(40)}`,
    `4 privateLinkServices[0].name: ${tooLong(40)}`,
  ]);
  const alone = `got "${"x".repeat(41)}"; ${NAME_RULE}`;
  expect(problemsIn(withNames(41))).toEqual([`3 privateEndpoints[0].name: ${alone}`, `4 privateLinkServices[0].name: ${alone}`]);
  const customer = "c".repeat(41);
  expect(problemsIn(`${HEAD.replace("acme", customer)}${endpoints(ENDPOINT)}`)).toEqual([`1 customer: got "${customer}"; ${NAME_RULE}`]);
});

test.each<[string, string]>([
  ["privateEndpoints: {}", "privateEndpoints: got a mapping; expected a list"],
  ["privateEndpoints:", "privateEndpoints: got null; expected a list"],
  ["privateEndpoints: [~]", "privateEndpoints[0]: got null; expected a mapping"],
  ["privateLinkServices: orders", 'privateLinkServices: got "orders"; expected a list'],
  [endpoints({ ...ENDPOINT, name: 7 }), "privateEndpoints[0].name: got 7; expected a text"],
  [endpoints({ ...ENDPOINT, service: [ALIAS] }), "privateEndpoints[0].service: got a list; expected a text"],
  [endpoints({ ...ENDPOINT, autoApproval: "yes" }), 'privateEndpoints[0].autoApproval: got "yes"; expected true or false'],
  [endpoints({ ...ENDPOINT, waitMinutes: 1.5 }), "privateEndpoints[0].waitMinutes: got 1.5; expected a whole number"],
  [endpoints({ ...ENDPOINT, tags: { team: 1 } }), "privateEndpoints[0].tags.team: got 1; expected a text"],
  [endpoints({ ...ENDPOINT, virtualNetworkId: NETWORK, networkCidr: 10 }), "privateEndpoints[0].networkCidr: got 10; expected a text"],
  [services({ ...SERVICE, ports: 5432 }), "privateLinkServices[0].ports: got 5432; expected a list"],
  [services({ ...SERVICE, ports: [{ name: "postgres" }] }), "privateLinkServices[0].ports[0].port: is missing; expected a whole number"],
  [services({ ...SERVICE, virtualNetworkId: 7 }), "privateLinkServices[0].virtualNetworkId: got 7; expected a text"],
  [services({ ...SERVICE, natNetworkCidr: 7 }), "privateLinkServices[0].natNetworkCidr: got 7; expected a text"],
  [
    services({ ...SERVICE, virtualNetworkId: undefined, natNetworkCidr: undefined, natSubnetId: 7 }),
    "privateLinkServices[0].natSubnetId: got 7; expected a text",
  ],
  [services({ ...SERVICE, visibility: "*" }), 'privateLinkServices[0].visibility: got "*"; expected a list'],
  [services({ ...SERVICE, probe: 5 }), "privateLinkServices[0].probe: got 5; expected a mapping"],
  [services({ ...SERVICE, port: 5432 }), `privateLinkServices[0].port: is no field here; allowed is ${SERVICE_FIELDS}`],
])("%s is refused for its type, and for nothing that only follows from it", (line, problem) => {
  expect(problemsIn(`${HEAD}${line}\n`)).toEqual([`3 ${problem}`]);
  expect(problemsIn(`${LOCAL}${line}\n`)).toEqual([`7 ${problem}`]);
});

test("a value that cannot be read still excludes what it excludes, in its own element only", () => {
  const unreadable = { ...ENDPOINT, name: "billing", virtualNetworkId: NETWORK, subnetId: 7 };
  const readable = { ...ENDPOINT, virtualNetworkId: NETWORK, networkCidr: "10.0.7.0/28" };
  expect(problemsIn(`${HEAD}${endpoints(readable, unreadable)}`)).toEqual([
    "3 privateEndpoints[1].subnetId: got 7; expected a text",
    "3 privateEndpoints[1].virtualNetworkId: is for a subnet of the endpoint's own; leave it out, or leave out subnetId",
  ]);
});
