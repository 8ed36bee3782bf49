import type { AddressInfo, Server } from 'node:net';
import { UndertoneError } from '../errors.ts';

/** Listens; resolves to the port. @throws UndertoneError `port-in-use`, `address-unavailable` */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(
        error.code === 'EADDRINUSE'
          ? new UndertoneError('port-in-use', { host, port })
          : new UndertoneError('address-unavailable', { host, detail: error.code ?? error.message }),
      );
    };
    server.once('error', onError);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', onError);
      // A server that listens on a host and port has an address of this kind.
      resolve((server.address() as AddressInfo).port);
    });
  });
}
