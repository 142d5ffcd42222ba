/** The registry: one line for each operation the app offers. */
export { csvProfile } from './csv-profile/index.ts';
export { imageRenditions } from './image-renditions/index.ts';
