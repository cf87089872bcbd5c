import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

const LIMIT_MS = 20_000;
const POLL_MS = 100;

/**
 * The platform's side of the demonstration: a query through a bind port, as soon as the tunnel is up.
 *
 * @param failure what went wrong at the customer's side in the meantime, if anything did.
 */
export async function queryThroughBindPort(
  address: string,
  sql: string,
  failure: () => string | undefined,
): Promise<Record<string, unknown>[]> {
  const [host, port] = address.split(":");
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const client = new Client({
      host: host ?? "",
      port: Number(port),
      user: "postgres",
      database: "postgres",
      connectionTimeoutMillis: 5_000,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      const { rows } = await client.query(sql);
      return rows;
    } catch (error) {
      const reason = failure();
      if (reason !== undefined) throw new Error(`the customer's ssh ended: ${reason}`);
      if (Date.now() > end) throw new Error(`no answer at ${address} within ${LIMIT_MS / 1000} s`, { cause: error });
    } finally {
      await client.end().catch(() => {});
    }
    await sleep(POLL_MS);
  }
}
