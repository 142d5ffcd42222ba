/** The entry point of `npm run demo`; demo/run-demo.ts does it. */
import { runDemo } from './demo/run-demo.ts';

await runDemo();
