/** A server as titles and questions name it: `prod · orders@db`, or its name alone. Raw text. */
export function serverTitle(server: { readonly name: string; readonly label?: string }): string {
  const { name, label = '' } = server;
  return label === '' ? name : `${label} · ${name}`;
}
