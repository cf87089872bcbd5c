import { type PublicKey, parsePublicKey } from "../../components/core/public-key.ts";

/** A public key with what `ssh-keygen -l` prints of it. Made for these tests; nobody has the private halves. */
interface ExampleKey {
  readonly line: string;
  readonly fingerprint: string;
}

export const ED25519_A: ExampleKey = {
  line: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK5xxhWUFZyINtfgMbNahXIaqSeh0cslijvjva62wzBp",
  fingerprint: "SHA256:U5Xr+dDi0ebbZOC4fLcn7cP4HAc+3AsAmQkRVHLIQZU",
};

export const ED25519_B: ExampleKey = {
  line: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHjFEluF8n1zEdygLLrFR8lZ6Acv7u3oUaoGANmnVYaD",
  fingerprint: "SHA256:h9hLXbPJgTmRTwP8d5t+ixN9Qry1j1umQQYzoB/bfF8",
};

export const ED25519_C: ExampleKey = {
  line: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILEB6noFbG7G5OzIalaFd+MceZQbxVAXOc8CWbWhELmN",
  fingerprint: "SHA256:bj2trZFRM/rpgatZxCFSvYi2iVzy5qDBMDabYiDTU7Q",
};

/** Signs certificates where a test has an authority. */
export const ED25519_AUTHORITY: ExampleKey = {
  line: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOLYSv4l3VBMhGetgAjRryZFKdx/EU9OFbrtuGNfruG0",
  fingerprint: "SHA256:QeunPmxPy75OsNuO9zXrNmknf4gQ+udIbM4YVCa5n2M",
};

export const ECDSA_P256: ExampleKey = {
  line: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMmssE7xowdKLyKp6UBnrc0AxR7rSqC0uNusSFQHXJB8AtdSejuOinjlAxlpGPwt2KXhU1wBgJjMANdBLJxdaNo=",
  fingerprint: "SHA256:dk3rnExMEhuFv+c6SBb3N+CLR6nDLWqJFOAKDLJxfUc",
};

export const RSA_3072: ExampleKey = {
  line: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDKgP0sjhyML/fBby5MLyF9MvIQcd+sW0wj0cjXUOhb7D2NNjulseIVEsQ+IZQXIbrNkfQR5fkqaUK4q0OUniuIH/n4IB+KVW0TSlmE67kmT76A7xzeqkGt++K1o9tNKYnn+waavk37QuWfc/DhvJLoK1/lzwaU//ig1zqByG8p3YXDkb8xHhaYgbCA1YpQtjVOhx3Rz2Ygenlwabk7+XmUT4/Nn9cUo9JOlxQtX9PTvHW3F3PakiqDoJhA1ZRYJZJNhXnAUHf9CSywJfiJmc6+ymIZDNnnEV4/WnkoA58LLCe29UN48t9nMuYgjBmQFqqYJg1Axypfd8O8DfK8seuwz4BLnmURBKJl2p7SsxTNtug8FJfFwK8GvDkzj3I+SMeS/NRsgUhuTkOIhNB5ugAod+1gaF+JGc8V8k9ELUs3mUxFAVNfz8qOS/YPBu09+fkfaEXIc4z6QW3dkN+Q9cvYWKwzEpxK0jZwCG1/yYzFZcik+z7SLnsMcq2Z/dNhTpU=",
  fingerprint: "SHA256:ytWF+RMDhsACdvPgC9CQoEqUzMJ8Owa9pjHhDGGHNuc",
};

/** An example key, parsed. */
export function keyOf({ line }: ExampleKey): PublicKey {
  return parsePublicKey(line);
}
