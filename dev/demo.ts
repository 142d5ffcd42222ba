/** The entry point of `npm run demo`; demo/run-demo.ts does it. */
import { readDemoOptions } from './demo/demo-options.ts';
import { runDemo } from './demo/run-demo.ts';
import { SettingError } from './host/local-host.ts';

try {
  await runDemo(readDemoOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
