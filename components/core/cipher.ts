/**
 * Ciphers of a bastion and of everything that dials it, the fastest first.
 *
 * AES-GCM is 1.5 to 2.5 times as fast as chacha20-poly1305 where the CPU has AES, and is not open to Terrapin
 * (CVE-2023-48795). OpenSSH has it since 6.2.
 */
export const CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"] as const;
