import { Socket } from "node:net";
import { Client } from "pg";

// query.ts FROM HOST PORT SQL: prints the rows as JSON, or the error's code.
const [from, host, port, sql] = process.argv.slice(2);

/** The driver has no option for the address a connection comes from. */
class SocketFrom extends Socket {
  override connect(...[to, name]: unknown[]): this {
    return super.connect({ port: Number(to), host: String(name), localAddress: from });
  }
}

const client = new Client({
  host: host as string,
  port: Number(port),
  user: "postgres",
  database: "postgres",
  connectionTimeoutMillis: 10_000,
  stream: () => new SocketFrom(),
});
client.on("error", () => {});
try {
  await client.connect();
  const { rows } = await client.query(sql as string);
  process.stdout.write(JSON.stringify(rows));
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  process.stdout.write(code ?? message);
  process.exitCode = 1;
} finally {
  await client.end().catch(() => {});
}
