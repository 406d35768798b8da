import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { visibleText } from '../../src/base/visibleText';
import type { PanelAction, PanelState } from './panelState';

type Act = (action: PanelAction) => void;

/** The state in place of rows. */
export function fullState(panel: PanelState, act: Act): TemplateResult {
  return html`<div class="full ${panel.tone}">
    ${panel.tone === 'busy' ? html`<div class="bar" aria-hidden="true"></div>` : nothing}
    <p class="sentence">${visibleText(panel.sentence)}</p>
    ${panel.hint === '' ? nothing : html`<p class="hint">${visibleText(panel.hint)}</p>`}
    ${panel.button === undefined ? nothing : html`<div>${stateButton(panel, act)} ${secondButton(panel, act)}</div>`}
  </div>`;
}

/** The same state, below the rows that there are. */
export function strip(panel: PanelState, act: Act): TemplateResult {
  return html`<div class="strip ${panel.tone}">
    <p>
      <span class="sentence">${visibleText(panel.sentence)}</span>
      <span class="hint">${visibleText(panel.hint)}</span>
    </p>
    <span class="space"></span>
    ${secondButton(panel, act)} ${stateButton(panel, act)}
  </div>`;
}

function stateButton({ button, tone }: PanelState, act: Act): TemplateResult | typeof nothing {
  if (button === undefined) return nothing;
  return html`<vscode-button
    id="state-button"
    ?secondary=${tone === 'busy' || tone === 'calm'}
    @click=${() => {
      act(button.action);
    }}
    >${button.label}</vscode-button
  >`;
}

function secondButton({ second }: PanelState, act: Act): TemplateResult | typeof nothing {
  if (second === undefined) return nothing;
  return html`<vscode-button
    id="second-button"
    secondary
    @click=${() => {
      act(second.action);
    }}
    >${second.label}</vscode-button
  >`;
}
