import { packExtension } from './build/packExtension';

console.log(await packExtension());
