import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

/** A database in the customer's network, for the demonstration: PostgreSQL's own code and protocol, nothing to install. */
export class DataSource {
  readonly #database: PGlite;
  readonly #server: PGLiteSocketServer;

  private constructor(database: PGlite, server: PGLiteSocketServer) {
    this.#database = database;
    this.#server = server;
  }

  /** Starts it with a few rows. */
  static async start(host: string, port: number): Promise<DataSource> {
    const database = await PGlite.create();
    await database.exec(`
      create table orders (id int primary key, customer text not null, total numeric(8, 2) not null);
      insert into orders values (1, 'Ada', 120.50), (2, 'Grace', 80.00), (3, 'Edsger', 42.00);
    `);
    const server = new PGLiteSocketServer({ db: database, host, port });
    await server.start();
    return new DataSource(database, server);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#database.close();
  }
}
