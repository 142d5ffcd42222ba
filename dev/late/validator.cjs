/** durable-functions asks it about URLs: those of its client where that is not in Azure, and those of payloads that this app never makes. */
const { load, standIn } = require('./late.cjs');

module.exports = standIn(() => load('validator'));
