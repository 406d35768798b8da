import { ConnectionStringError, type ConnectionParameters } from '../connectionString';
import {
  processSurroundings,
  resolveTarget,
  type ResolvedTarget,
  type Surroundings,
} from '../resolveTarget';
import { sshDestinationProblem } from './sshDestination';

/**
 * Completes the given parameters as {@link resolveTarget} does, for a server that is reached through the SSH
 * server `ssh`; directly where that is empty. Without a host it is the SSH server itself that is meant.
 */
export async function resolveThroughSsh(
  given: ConnectionParameters,
  ssh: string,
  surroundings: Surroundings = processSurroundings(),
): Promise<ResolvedTarget> {
  if (ssh === '') return resolveTarget(given, surroundings);
  const problem = sshDestinationProblem(ssh);
  if (problem !== undefined) throw new ConnectionStringError(problem);
  // Sockets of this machine are not those of the SSH server.
  const { target, warnings } = await resolveTarget(given, { ...surroundings, socketFolders: [] });
  return { target: { ...target, ssh }, warnings };
}
