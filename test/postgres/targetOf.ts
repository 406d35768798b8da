import type { Cluster } from '../../scripts/postgres/cluster';
import type { ConnectionTarget } from '../../src/shared/connection';

/** The target of a test server, without a look at this machine's environment. */
export function targetOf(cluster: Cluster, part: Partial<ConnectionTarget> = {}): ConnectionTarget {
  return {
    host: '127.0.0.1',
    port: cluster.port,
    user: 'postgres',
    database: 'postgres',
    password: cluster.password,
    sslMode: 'disable',
    connectTimeout: 10,
    ...part,
  };
}
