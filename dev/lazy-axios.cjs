/**
 * What stands for axios in the bundle. durable-functions makes an instance of it for every client, few of which ask the engine for
 * anything, and loading axios takes longer than all the rest of that package: here it is loaded by the first use of an instance.
 * To whoever imports it, an operation for example, it is otherwise what it is.
 */
const NAMES = [
  'Axios',
  'AxiosError',
  'AxiosHeaders',
  'Cancel',
  'CancelToken',
  'CanceledError',
  'HttpStatusCode',
  'VERSION',
  'all',
  'formToJSON',
  'getAdapter',
  'isAxiosError',
  'isCancel',
  'mergeConfig',
  'spread',
  'toFormData',
];

function lazy(load, own = {}) {
  let loaded;
  const get = () => {
    loaded ??= load();
    return loaded;
  };
  const target = Object.defineProperties(() => undefined, own);
  return new Proxy(target, {
    get: (_, name) => (Object.hasOwn(own, name) ? target[name] : get()[name]),
    set: (_, name, value) => Reflect.set(get(), name, value),
    apply: (_, self, args) => Reflect.apply(get(), self, args),
  });
}

// By its file: its name leads here.
const load = () => require('../node_modules/axios/dist/node/axios.cjs');
// Bundled named imports are read off whatever owns their names.
const named = NAMES.map((name) => [name, { enumerable: true, get: () => load()[name] }]);
const axios = lazy(load, {
  ...Object.fromEntries(named),
  create: { enumerable: true, value: (config) => lazy(() => load().create(config)) },
  default: { enumerable: true, get: () => axios },
});

module.exports = axios;
