/**
 * Loaded into Azurite's process before Azurite itself: ends it when the process that started it has gone.
 * The channel to the parent closes however the parent ends, SIGKILL included, so no Azurite is ever left behind.
 */
const CLOSE_LIMIT_MS = 5_000;

process.once('disconnect', () => {
  // Only data on disk is worth closing properly; Azurite listens to SIGTERM once it is up.
  const closes = !process.argv.includes('--inMemoryPersistence') && process.emit('SIGTERM');
  if (!closes) process.exit(0);
  // Azurite waits for requests in flight, and nobody is left who would end them.
  setTimeout(() => process.exit(1), CLOSE_LIMIT_MS).unref();
});
