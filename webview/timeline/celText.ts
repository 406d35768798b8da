/** A column of a row in a filter expression: `new.status`, or `new["odd name"]`. */
export function celMember(side: string, name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `${side}.${name}` : `${side}[${celString(name)}]`;
}

/** A string of CEL. */
export function celString(text: string): string {
  const escaped = text.replace(/["\\]/g, letter => `\\${letter}`);
  return `"${escaped.replace(/\p{Cc}/gu, control)}"`;
}

function control(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
