import Module from 'node:module';

/**
 * Milliseconds of an extension's own work: reading and running its module, and its `activate`. By the
 * clock or by the processor, whichever is less: waiting for a busy machine is not our work.
 */
export interface ActivationTime {
  load: number;
  activate: number;
}

interface Loaded {
  exports: { activate?: (context: unknown) => unknown };
}

type Loader = (module: Loaded, file: string) => void;

/**
 * Times what VS Code calls "Code Loading" and "Call Activate": the rest of an activation is the host
 * and the window talking to each other, which a busy machine makes as long as it likes.
 */
export function timeActivation(file: string): ActivationTime {
  const time: ActivationTime = { load: Number.NaN, activate: Number.NaN };
  const loaders = (Module as unknown as { readonly _extensions: Record<string, Loader> })
    ._extensions;
  const original = loaders['.js'];
  if (original === undefined) throw new Error('there is no loader of .js files');
  loaders['.js'] = (module, name) => {
    if (name !== file) {
      original(module, name);
      return;
    }
    loaders['.js'] = original;
    const loaded = stopwatch();
    original(module, name);
    time.load = loaded();
    const { activate } = module.exports;
    module.exports = {
      ...module.exports,
      activate: context => {
        const activated = stopwatch();
        const api = activate?.(context);
        time.activate = activated();
        return api;
      },
    };
  };
  return time;
}

function stopwatch(): () => number {
  const begin = performance.now();
  const used = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(used);
    return Math.min(performance.now() - begin, (user + system) / 1000);
  };
}
