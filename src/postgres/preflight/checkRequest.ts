/** What somebody wants to do on a server, as far as it is known already. */
export interface CheckRequest {
  /**
   * `tail` and `peek` need a slot for themselves for as long as they run; `consume` reads the slot that is
   * named. Default: peek where a slot is named, else tail.
   */
  readonly wants?: 'tail' | 'peek' | 'consume';
  readonly slot?: string;
  readonly publications?: readonly string[];
  /** Default: that of the slot, else pgoutput. */
  readonly plugin?: string;
  /** The profile refuses everything that changes the server. */
  readonly readOnly?: boolean;
}

/** The same with every choice made. */
export type CheckNeed = Required<Omit<CheckRequest, 'slot' | 'plugin'>> &
  Pick<CheckRequest, 'slot' | 'plugin'>;

export function toNeed(request: CheckRequest): CheckNeed {
  const { slot, plugin } = request;
  return {
    wants: request.wants ?? (slot === undefined ? 'tail' : 'peek'),
    publications: request.publications ?? [],
    readOnly: request.readOnly ?? false,
    ...(slot === undefined ? {} : { slot }),
    ...(plugin === undefined ? {} : { plugin }),
  };
}
