import { rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A lock that is held until `release`, or until the process ends in whatever way. */
export interface FileLock {
  release(): Promise<void>;
}

/**
 * Claims a file for this process, by its device and number on this machine, whatever it is called. A local
 * socket is the lock: unlike a file beside it, the system takes it away with the process, also with one that
 * is killed. Resolves undefined where another process holds it.
 */
export async function lockFile(device: bigint, inode: bigint): Promise<FileLock | undefined> {
  const name = `pgwal-${String(device)}-${String(inode)}`;
  if (process.platform === 'linux') return listen(`\0${name}`);
  if (process.platform === 'win32') return listen(`\\\\.\\pipe\\${name}`);
  const address = path.join(tmpdir(), `${name}.sock`);
  const lock = await listen(address);
  if (lock !== undefined || (await isServed(address))) return lock;
  // Elsewhere the socket has a name in a folder, which stays behind when a process is killed.
  await rm(address, { force: true });
  return listen(address);
}

async function listen(address: string): Promise<FileLock | undefined> {
  const server = net.createServer(socket => {
    socket.destroy();
  });
  // It keeps no process alive that has nothing else to do.
  server.unref();
  return new Promise((resolve, reject) => {
    // Heard for as long as it listens: also where a connection cannot be taken.
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path: address, exclusive: true }, () => {
      resolve({
        release: () =>
          new Promise(closed => {
            server.close(() => {
              closed();
            });
          }),
      });
    });
  });
}

/** Whether somebody answers at a socket. */
async function isServed(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = net.connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
