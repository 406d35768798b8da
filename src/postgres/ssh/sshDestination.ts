/** What a shell would take for more than a name: a ProxyCommand of the user's may pass the names to one. */
const UNSAFE_IN_HOST = /['"`$\\;&<>|(){}]/;
const UNSAFE_IN_USER = /['"`;&<>|(){}]/;
const CONTROL_OR_BLANK = /[\p{Cc}\s]/u;

/**
 * Why this text cannot be given to `ssh` as where to go; undefined when it can. It takes what `ssh` takes:
 * `host`, `user@host`, a name of its configuration, or `ssh://user@host:port`. What `ssh` might take for an
 * option or hand on to a shell is refused here too, since older ones let it pass (valid_hostname and
 * valid_ruser in OpenSSH's ssh.c).
 */
export function sshDestinationProblem(text: string): string | undefined {
  if (text.startsWith('-')) return 'An SSH destination does not begin with "-".';
  if (CONTROL_OR_BLANK.test(text)) return 'An SSH destination has no blanks in it.';
  const uri = /^ssh:\/\/(.*)$/s.exec(text)?.[1];
  const [, user, rest = ''] = /^(?:(.*)@)?([^@]*)$/s.exec(uri ?? text) ?? [];
  const host = uri === undefined ? rest : rest.replace(/:\d+\/?$/, '').replace(/\/$/, '');
  if (host === '' || host.startsWith('-') || host.includes('/') || UNSAFE_IN_HOST.test(host)) {
    return FORM;
  }
  if (user === undefined) return undefined;
  return user === '' || user.startsWith('-') || user.endsWith('\\') || UNSAFE_IN_USER.test(user)
    ? FORM
    : undefined;
}

const FORM =
  'An SSH destination is user@host, ssh://user@host:port, or a name of your SSH configuration.';
