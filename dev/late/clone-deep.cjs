/** durable-functions copies the URLs of its client with it, where that is not in Azure. */
const { load, standIn } = require('./late.cjs');

module.exports = standIn(() => load('clone-deep'));
