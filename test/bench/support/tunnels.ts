import { type Destination, parseDestination, renderDestination } from "../../../components/core/destination.ts";
import type { PlacedTunnel } from "../../../components/core/forward.ts";
import { renderKnownHosts } from "../../../components/core/known-hosts.ts";
import { parsePublicKey } from "../../../components/core/public-key.ts";
import { renderClientCommand } from "../../../components/core/ssh-command.ts";
import { CustomerFolder } from "../../e2e/support/customer.ts";
import { startEchoServer } from "../../e2e/support/platform.ts";
import { waitUntil } from "../../e2e/support/wait.ts";
import type { Figures } from "../benchmark.ts";
import { deployExample, type Example } from "./example.ts";
import { endOf, runProgram, startProgram } from "./processes.ts";
import type { Site } from "./site.ts";
import { startStockSshd } from "./stock-sshd.ts";

/** The customer's data sources, as one candidate offers them. */
export interface Offer {
  /** Sends without end. */
  readonly source: Destination;
  /** Gives back what it gets. */
  readonly echo: Destination;
}

/** The same data sources, reached in three ways. */
export interface Candidates {
  readonly bastion: Offer;
  readonly "stock sshd": Offer;
  readonly direct: Offer;
}

/** What is used of the example: its client's command opens both tunnels on one connection. */
const SOURCE_TUNNEL = "orders";
const ECHO_TUNNEL = "billing";
const CLIENT = "dc1";

const STOCK_PORTS = { source: 15100, echo: 15101 };

/** Starts the data sources, and opens tunnels to them through the bastion of the example and through a stock sshd. */
export async function openTunnels(site: Site): Promise<Candidates> {
  const example = await site.shared(deployExample);
  const direct = { source: destinationOf(example, SOURCE_TUNNEL), echo: destinationOf(example, ECHO_TUNNEL) };
  await site.checkpoint();
  site.progress("Opening tunnels");
  await startProgram(site, "source.py", direct.source.host, `${direct.source.hostPort}`);
  const echoServer = await startEchoServer(site.network, direct.echo.host, direct.echo.hostPort);
  site.onClose(() => endOf(echoServer));

  const customer = new CustomerFolder(site.network);
  customer.take(example.outputs);
  const bastion = await openThroughBastion(site, example, customer);
  await site.checkpoint();
  const stock = await openThroughStockSshd(site, example, customer, direct);
  return { bastion, "stock sshd": stock, direct };
}

/** With the very command that the customer is given. */
async function openThroughBastion(site: Site, { outputs }: Example, customer: CustomerFolder): Promise<Offer> {
  const addressOf = (tunnel: string) => parseDestination(outputs.tunnels.find(({ name }) => name === tunnel)?.consumerAddresses[0] ?? "");
  const command = outputs.clients.find(({ name }) => name === CLIENT)?.command ?? "";
  return open(site, customer, command, { source: addressOf(SOURCE_TUNNEL), echo: addressOf(ECHO_TUNNEL) });
}

/** With the same command but for the names in it. */
async function openThroughStockSshd(site: Site, example: Example, customer: CustomerFolder, direct: Offer): Promise<Offer> {
  const sshd = await startStockSshd(site, example, customer.makeKey("stock.key"));
  customer.write("stock_known_hosts", renderKnownHosts(sshd, [parsePublicKey(sshd.hostKey)]));
  const command = renderClientCommand({ ...sshd, identityFile: "./stock.key", knownHostsFile: "./stock_known_hosts" }, [
    tunnelTo("source", direct.source, STOCK_PORTS.source),
    tunnelTo("echo", direct.echo, STOCK_PORTS.echo),
  ]);
  const { host } = sshd;
  return open(site, customer, command, { source: { host, hostPort: STOCK_PORTS.source }, echo: { host, hostPort: STOCK_PORTS.echo } });
}

async function open(site: Site, customer: CustomerFolder, command: string, offer: Offer): Promise<Offer> {
  const session = customer.open(command, "127.0.0.1");
  site.onClose(() => session.end());
  await waitUntil(`an echo at ${renderDestination(offer.echo)}`, async () => {
    if (!session.isRunning) throw new Error(`ssh ended: ${session.said}`);
    return measureConnects(site, offer.echo, 1).catch(() => false);
  });
  return offer;
}

/** Makes connections to an echo server, one after the other: at most `count`, for at most three seconds. */
export async function measureConnects(site: Site, { host, hostPort }: Destination, count: number): Promise<Figures> {
  return runProgram(site, "connects.ts", host, `${hostPort}`, `${count}`, "3");
}

function destinationOf({ customer }: Example, tunnel: string): Destination {
  return parseDestination(customer.tunnels.find(({ name }) => name === tunnel)?.destination ?? "");
}

function tunnelTo(name: string, destination: Destination, bindPort: number): PlacedTunnel {
  return { name, destination, requestedBindPort: bindPort, bindAddress: { scope: "all" }, bindPort };
}
