/**
 * What stands for axios in the bundle. durable-functions makes an instance of it for every client, few of which ask the engine for
 * anything, and loading axios takes longer than all the rest of that package: here it is loaded by the first use of an instance.
 * As a default import it is otherwise what it is; named ones (`import { AxiosError }`) are properties of that.
 */
const lazy = (load) => {
  let loaded;
  const get = () => {
    loaded ??= load();
    return loaded;
  };
  return new Proxy(() => undefined, {
    get: (_, name) => get()[name],
    apply: (_, self, args) => Reflect.apply(get(), self, args),
  });
};

// By its file: its name leads here.
const axios = lazy(() => require('../node_modules/axios/dist/node/axios.cjs').default);
const create = (config) => lazy(() => axios.create(config));

exports.default = new Proxy(axios, { get: (all, name) => (name === 'create' ? create : all[name]) });
