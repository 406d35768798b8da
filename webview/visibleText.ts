export { visibleText } from '../src/base/visibleText';
