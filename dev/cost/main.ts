/** `npm run cost`: writes the tables of docs/cost.md from counts.json and prices.json. A test compares. */
import { writePart } from '../generated-part.ts';
import { costParts, PAGE } from './cost-page.ts';

for (const [name, text] of Object.entries(costParts())) writePart(PAGE, name, text);
