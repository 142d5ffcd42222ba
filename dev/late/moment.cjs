/** durable-functions reckons with it when an orchestrator sets a timer. */
const { load, standIn } = require('./late.cjs');

module.exports = standIn(() => load('moment'));
