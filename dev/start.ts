/** The entry point of `npm start`; run-core-tools.ts does it. */
import { runCoreTools } from './run-core-tools.ts';

await runCoreTools(process.argv.slice(2));
