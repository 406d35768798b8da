import type * as vscode from 'vscode';
import { processSurroundings } from '../../postgres/resolveTarget';
import type { NamedService } from '../../postgres/serviceFile';
import { listServices, serviceFiles } from '../../postgres/serviceFile';
import { HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import type { Step } from '../multiStep';
import { askPick, BACK } from '../multiStep';
import type { ServerDraft } from './serverQuestions';

interface ServiceItem extends vscode.QuickPickItem {
  readonly service: NamedService;
}

/**
 * Asks for one of the services in the service files. Only its name is kept: what the file says about
 * it counts at each connection, its password too. Throws HostFailure when there is none.
 */
export const askService: Step<ServerDraft> = async (draft, place) => {
  const surroundings = processSurroundings();
  const services = await listServices(surroundings);
  if (services.length === 0) {
    const files = serviceFiles(surroundings).join(' or ');
    throw new HostFailure({
      code: 'no-service',
      message: `No service is defined in ${files}.`,
      action: 'Write one there, or point PGSERVICEFILE to the file and start VS Code anew.',
      detail: files,
    });
  }
  const items: readonly ServiceItem[] = services.map(service => ({
    service,
    label: messageText(service.name),
    description: messageText(service.file),
  }));
  const item = await askPick({ ...place, items, placeholder: 'Which service?' });
  if (item === BACK) return BACK;
  return { ...draft, parameters: { service: item.service.name } };
};
