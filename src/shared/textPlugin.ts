/** The output plugins whose messages are text that we read. */
export const TEXT_PLUGINS = ['test_decoding', 'wal2json'] as const;

export type TextPlugin = (typeof TEXT_PLUGINS)[number];

export function isTextPlugin(plugin: string): plugin is TextPlugin {
  return TEXT_PLUGINS.some(known => known === plugin);
}

/** Whether the changes of a plugin can be told; of another one each message is a line. */
export function isKnownPlugin(plugin: string): boolean {
  return plugin === '' || plugin === 'pgoutput' || isTextPlugin(plugin);
}
