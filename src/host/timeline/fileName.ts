/** A file name that every system takes, made of a title: `shop_changes-shop@localhost.walcap`. */
export function fileNameOf(title: string, extension: string): string {
  const name = title.replaceAll(/[^\p{L}\p{N}_.@-]+/gu, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  return `${name.slice(0, 100) || 'capture'}.${extension}`;
}
