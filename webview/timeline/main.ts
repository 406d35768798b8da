import { TimelineApp } from './timelineApp';

const page = new CSSStyleSheet();
page.replaceSync(`
  html, body { height: 100%; margin: 0; overflow: hidden; padding: 0; }
`);
document.adoptedStyleSheets.push(page);
document.body.append(new TimelineApp(acquireVsCodeApi()));
