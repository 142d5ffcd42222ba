/** The entry point of `npm run dev`; run-dev.ts does it. */
import { runDev } from './run-dev.ts';

await runDev(process.argv.slice(2));
