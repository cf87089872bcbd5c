import { DataSource } from "../../../scripts/demo/data-source.ts";

// private-link-postgres.ts HOST PORT: a database with a table of orders; prints "ready". Ends with its input.
const [host, port] = process.argv.slice(2);
process.stdin.resume().once("end", () => process.exit());
await DataSource.start(host as string, Number(port));
process.stdout.write("ready\n");
