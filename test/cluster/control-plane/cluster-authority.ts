import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../cloud/machine/command.ts";

/** A certificate and its key, as PEM, and the files they are in. */
export interface Credential {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** What proves who is who in one cluster: its certificate authority, and the key that signs service accounts' tokens. */
export class ClusterAuthority {
  readonly #folder: string;
  #issued = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(folder: string): Promise<ClusterAuthority> {
    mkdirSync(folder, { mode: 0o700 });
    const authority = new ClusterAuthority(folder);
    const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"].flatMap((line) => ["-addext", line]);
    await run("openssl", [...NEW_CERTIFICATE, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test-cluster", ...extensions], {
      cwd: folder,
    });
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(authority.tokenKeyFile, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
    writeFileSync(authority.tokenPublicKeyFile, publicKey.export({ type: "spki", format: "pem" }));
    return authority;
  }

  get certificateFile(): string {
    return join(this.#folder, "ca.pem");
  }

  /** The authority's own certificate, as PEM. */
  get certificate(): string {
    return readFileSync(this.certificateFile, "utf8");
  }

  get tokenKeyFile(): string {
    return join(this.#folder, "service-account.key");
  }

  get tokenPublicKeyFile(): string {
    return join(this.#folder, "service-account.pub");
  }

  /** For a server, by its DNS names and addresses. */
  issueToServer(dnsNames: readonly string[], addresses: readonly string[]): Promise<Credential> {
    const names = [...dnsNames.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)];
    return this.#issue("/CN=kube-apiserver", [`subjectAltName=${names.join(",")}`, "extendedKeyUsage=serverAuth"]);
  }

  /** For a user of the API: the server takes the common name for the user's, and each organization for a group. */
  issueToUser(user: string, groups: readonly string[]): Promise<Credential> {
    const subject = [...groups.map((group) => `O=${group}`), `CN=${user}`];
    return this.#issue(subject.map((part) => `/${part.replaceAll(/[\\/+]/g, "\\$&")}`).join(""), ["extendedKeyUsage=clientAuth"]);
  }

  async #issue(subject: string, extensions: readonly string[]): Promise<Credential> {
    this.#issued += 1;
    const files = { keyFile: join(this.#folder, `${this.#issued}.key`), certificateFile: join(this.#folder, `${this.#issued}.pem`) };
    const all = ["basicConstraints=critical,CA:FALSE", ...extensions].flatMap((line) => ["-addext", line]);
    const signer = ["-CA", "ca.pem", "-CAkey", "ca.key"];
    await run(
      "openssl",
      [...NEW_CERTIFICATE, ...signer, "-keyout", files.keyFile, "-out", files.certificateFile, "-subj", subject, ...all],
      { cwd: this.#folder },
    );
    return { ...files, key: readFileSync(files.keyFile, "utf8"), certificate: readFileSync(files.certificateFile, "utf8") };
  }
}

const NEW_CERTIFICATE = ["req", "-x509", "-days", "30", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8"];
