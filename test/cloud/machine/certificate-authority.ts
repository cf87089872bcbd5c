import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.ts";

/** A certificate of a server, with its key, as PEM. */
export interface ServerCertificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** An authority that lives as long as its world. The images of its machines trust it as they trust the public ones. */
export class CertificateAuthority {
  readonly #folder: string;
  readonly #certificate: string;
  /** Name of the link by which OpenSSL finds a trusted certificate in a folder, without its number. */
  readonly #subjectHash: string;

  private constructor(folder: string, certificate: string, subjectHash: string) {
    this.#folder = folder;
    this.#certificate = certificate;
    this.#subjectHash = subjectHash;
  }

  static async create(folder: string): Promise<CertificateAuthority> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const inFolder = { cwd: folder };
    const extensions = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
    await run(
      "openssl",
      ["req", "-x509", ...NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Stand-in cloud", ...extensions],
      inFolder,
    );
    const hash = await run("openssl", ["x509", "-in", "ca.pem", "-noout", "-hash"], inFolder);
    return new CertificateAuthority(folder, readFileSync(join(folder, "ca.pem"), "utf8"), hash.trim());
  }

  /** Has a root file system trust what this authority issues. */
  beTrustedBy(root: string): void {
    writeFileSync(join(root, `etc/ssl/certs/${this.#subjectHash}.0`), this.#certificate);
    appendFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), this.#certificate);
  }

  /** Issues a certificate for the names of a server; one of them may have a `*` as its first label. */
  async issue(names: readonly string[]): Promise<ServerCertificate> {
    const inFolder = { cwd: this.#folder };
    writeFileSync(
      join(this.#folder, "server.ext"),
      `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n`,
    );
    await run("openssl", ["req", ...NEW_KEY, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=Stand-in service"], inFolder);
    const signer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "server.ext"];
    await run("openssl", ["x509", "-req", "-in", "server.csr", "-out", "server.pem", ...signer], inFolder);
    return { key: readFileSync(join(this.#folder, "server.key")), cert: readFileSync(join(this.#folder, "server.pem")) };
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
