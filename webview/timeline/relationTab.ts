import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { RelationDetail, RelationVersionDetail } from '../../src/shared/changeTextApi';
import { dataStyles } from '../dataStyles';
import { formatClock, formatCount } from '../formats';
import { columnText, dataText } from './cellValue';
import { detailTabStyles } from './detailTabStyles';
import type { TimelinePeer } from './timelineModel';

/** The table of a change as it was then, and what every description of it changed. */
@customElement('wal-relation-detail')
export class RelationTab extends LitElement {
  @property({ attribute: false }) peer: TimelinePeer | undefined;
  @property({ attribute: false }) seq = -1;

  @state() private relation: RelationDetail | undefined;
  @state() private failure = '';

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('seq') && this.seq >= 0) void this.#load(this.seq);
  }

  protected override render(): TemplateResult {
    const { relation } = this;
    if (this.failure !== '') {
      return html`<p class="error" role="alert">${dataText(this.failure)}</p>`;
    }
    if (relation === undefined) return html`<p class="dim">Loading…</p>`;
    if (relation.problem !== '') return html`<p class="dim">${dataText(relation.problem)}</p>`;
    return html`<div class="controls">
        <b class="data">${dataText(`${relation.schema}.${relation.table}`)}</b>
        <span class="dim">OID ${relation.oid}</span>
        <span class="dim">replica identity ${relation.replicaIdentity}</span>
        <button type="button" id="copy-relation" @click=${this.#copy}>Copy</button>
      </div>
      ${this.#columns(relation)}
      <h2>Descriptions in this capture</h2>
      ${this.#versions(relation.versions)}`;
  }

  #columns({ columns }: RelationDetail): TemplateResult {
    return html`<table>
      <thead>
        <tr>
          <th scope="col">column</th>
          <th scope="col">type</th>
          <th scope="col">key</th>
          <th scope="col">type OID</th>
          <th scope="col">modifier</th>
        </tr>
      </thead>
      <tbody>
        ${columns.map(
          ({ name, type, typeOid, typeModifier, key }) =>
            html`<tr>
              <th scope="row" class="data">${columnText(name)}</th>
              <td>${columnText(type)}</td>
              <td>${key ? html`<span class="keyMark">key</span>` : nothing}</td>
              <td class="dim data">${typeOid}</td>
              <td class="dim data">${typeModifier < 0 ? '' : typeModifier}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #versions(versions: readonly RelationVersionDetail[]): TemplateResult {
    const now = new Date();
    return html`<table>
      <thead>
        <tr>
          <th scope="col">message</th>
          <th scope="col">LSN</th>
          <th scope="col">committed</th>
          <th scope="col">what changed</th>
        </tr>
      </thead>
      <tbody>
        ${versions.map(
          ({ seq, lsn, time, current, changes }, i) =>
            html`<tr aria-current=${current ? 'true' : nothing}>
              <td class="data">
                ${formatCount(seq)}${current ? html` <span class="keyMark">this one</span>` : nothing}
              </td>
              <td class="data">${lsn}</td>
              <td class="data">${formatClock(time, now)}</td>
              <td>
                ${
                  i === 0 && changes.length === 0
                    ? html`<span class="dim">first description</span>`
                    : changes.map(change => html`<div>${dataText(change)}</div>`)
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #copy(): void {
    if (this.relation === undefined) return;
    const detail = { what: 'text', text: relationText(this.relation) };
    this.dispatchEvent(
      new CustomEvent('wal-copy-value', { detail, bubbles: true, composed: true }),
    );
  }

  async #load(seq: number): Promise<void> {
    try {
      const relation = await this.peer?.call('relation', { seq });
      if (seq !== this.seq) return;
      this.relation = relation;
      this.failure = '';
    } catch (error) {
      if (seq === this.seq) this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  static override styles = [dataStyles, detailTabStyles];
}

/** Tab-separated, a column a line. */
function relationText({ schema, table, oid, replicaIdentity, columns }: RelationDetail): string {
  const head = `${schema}.${table}\toid ${String(oid)}\treplica identity ${replicaIdentity}`;
  const lines = columns.map(({ name, type, key }) => `${name}\t${type}${key ? '\tkey' : ''}`);
  return [head, ...lines].join('\n').slice(0, 60_000);
}
