import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Certificates of an authority of their own, in a temporary folder; made with the system's openssl. */
export class Certificates {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'pgwx-tls-'));

  constructor() {
    this.#request('root', 'Test authority');
    const days = ['-days', '2'];
    this.#openssl(
      'x509',
      '-req',
      '-in',
      'root.csr',
      '-signkey',
      'root.key',
      '-out',
      'root.crt',
      ...days,
    );
    for (const [name, subject] of [
      ['server', 'localhost'],
      ['client', 'certified'],
      ['second', 'certified'],
    ] as const) {
      this.#request(name, subject);
      const signer = ['-CA', 'root.crt', '-CAkey', 'root.key', '-CAcreateserial', ...days];
      this.#openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.crt`);
    }
    this.#openssl(
      'ec',
      '-in',
      'client.key',
      '-aes256',
      '-passout',
      'pass:s3cret',
      '-out',
      'locked.key',
    );
    this.#revokeServer();
    for (const name of ['client', 'second', 'locked']) chmodSync(this.file(`${name}.key`), 0o600);
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #request(name: string, subject: string): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const out = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
    this.#openssl('req', '-new', ...key, '-subj', `/CN=${subject}`, ...out);
  }

  /** `empty.crl` revokes nobody, `revoked.crl` the server. */
  #revokeServer(): void {
    const lines = ['[ca]', 'default_ca=d', '[d]', 'database=index', 'default_md=sha256'];
    writeFileSync(this.file('ca.cnf'), [...lines, 'default_crl_days=2', ''].join('\n'));
    writeFileSync(this.file('index'), '');
    const authority = ['ca', '-config', 'ca.cnf', '-cert', 'root.crt', '-keyfile', 'root.key'];
    this.#openssl(...authority, '-gencrl', '-out', 'empty.crl');
    this.#openssl(...authority, '-revoke', 'server.crt');
    this.#openssl(...authority, '-gencrl', '-out', 'revoked.crl');
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
  }
}
