/** durable-functions makes an instance of it for every client, few of which ask the engine for anything. */
const { load, standIn } = require('./late.cjs');

const loadAxios = () => load('axios').default;
const axios = standIn(loadAxios, {
  create: (config) => standIn(() => loadAxios().create(config)),
  get default() {
    return axios;
  },
});

module.exports = axios;
