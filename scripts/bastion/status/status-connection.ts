import { spawn } from "node:child_process";
import { Agent, get, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { statusDestination } from "../../../components/core/forward.ts";
import { InvalidInputError } from "../../../components/core/problem.ts";
import { type SshLogin, sshOptions } from "../../../components/core/ssh-command.ts";
import { failed } from "../command-failure.ts";
import { indent } from "../table.ts";
import { explainSshFailure } from "./explain-failure.ts";
import { type BastionStatus, parseStatus } from "./parse-status.ts";

/** Where an operator reads a bastion's status, and with what. Both files by their absolute paths. */
export interface OperatorLogin extends SshLogin {
  readonly statusPort: number;
}

/** To log in and to answer. ssh gives up connecting before that, and then says why. */
const PATIENCE_MS = 20_000;

/** One `ssh -W` to a bastion's status port, over which its status is read as often as one likes. */
export class StatusConnection {
  readonly #kill: () => void;
  readonly #agent: Agent;
  /** Comes with what ssh has said, once it has ended. */
  readonly #ended: Promise<string>;
  /** Aborted then: a request that comes later would wait for a socket that is no more. */
  readonly #end = new AbortController();

  constructor(login: OperatorLogin) {
    // In a session of its own: the terminal's Ctrl-C is for us, and there is nobody to be asked for a passphrase.
    const ssh = spawn("ssh", sshArguments(login), { stdio: "pipe", detached: true });
    this.#kill = () => ssh.kill();
    let said = "";
    ssh.stderr.setEncoding("utf8").on("data", (piece: string) => {
      said += piece;
    });
    const ended = Promise.withResolvers<string>();
    this.#ended = ended.promise;
    const socket = socketOf(Duplex.from({ readable: ssh.stdout, writable: ssh.stdin }));
    const end = () => {
      socket.destroy();
      this.#end.abort();
      ended.resolve(said);
    };
    ssh.once("error", (error: NodeJS.ErrnoException) => {
      said = error.code === "ENOENT" ? "ssh was not found; install the OpenSSH client" : error.message;
      end();
    });
    ssh.once("close", end);
    this.#agent = new OneSocketAgent(socket);
  }

  /**
   * Asks how the bastion is now.
   *
   * @throws CommandFailure that says why it could not be asked; then there is nothing more to come from this connection.
   */
  async read(interruption: AbortSignal): Promise<BastionStatus> {
    interruption.throwIfAborted();
    const patience = AbortSignal.timeout(PATIENCE_MS);
    let answer: string;
    try {
      answer = await this.#ask(AbortSignal.any([interruption, patience, this.#end.signal]));
    } catch (error) {
      interruption.throwIfAborted();
      if (patience.aborted) throw failed(`it has not answered in ${PATIENCE_MS / 1000} s`);
      if ((error as NodeJS.ErrnoException).code?.startsWith("HPE_")) throw failed("what answers at its status port is no bastion");
      throw error instanceof UnexpectedAnswer ? failed(error.message) : failed(explainSshFailure(await this.#ended));
    }
    try {
      return parseStatus(answer);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      throw failed(`its status is not that of a bastion of this version:\n${indent(error.message)}`);
    }
  }

  async #ask(signal: AbortSignal): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    get({ agent: this.#agent, host: "127.0.0.1", path: "/status.json", signal }, resolve).on("error", reject);
    const response = await promise;
    const body = await text(response);
    if (response.statusCode !== 200) throw new UnexpectedAnswer(`its status port has answered ${response.statusCode}`);
    return body;
  }

  /** Ends it; no process is left afterwards. */
  async close(): Promise<void> {
    this.#agent.destroy();
    this.#kill();
    await this.#ended;
  }
}

class UnexpectedAnswer extends Error {}

/** Hands out the one socket there is. */
class OneSocketAgent extends Agent {
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#socket = socket;
  }

  override createConnection(): Duplex {
    return this.#socket;
  }
}

/** HTTP wants a few things of its socket that a pair of pipes has no use for. */
function socketOf(pipes: Duplex): Duplex {
  const ignored = () => pipes;
  // Whoever waits for an answer is told by its request.
  pipes.on("error", () => {});
  return Object.assign(pipes, { setKeepAlive: ignored, setNoDelay: ignored, setTimeout: ignored, ref: ignored, unref: ignored });
}

function sshArguments(login: OperatorLogin): string[] {
  const options = [...sshOptions(login), ["BatchMode", "yes"], ["GlobalKnownHostsFile", "none"], ["LogLevel", "INFO"]];
  return [
    ...["-F", "none", "-T", "-p", `${login.sshPort}`, "-l", login.user],
    ...options.flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    ...["-W", statusDestination(login.statusPort), "--", login.host],
  ];
}
