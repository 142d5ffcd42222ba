/** Imported for the first token (src/storage/clients.ts): late by itself, it only has to be in a file of its own. */
module.exports = require('./late.cjs').load('identity');
