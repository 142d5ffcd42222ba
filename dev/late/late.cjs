/** How the bundle gets at what is late: a file of its own beside it, by the name that dev/build.ts has for it. */
const { join } = require('node:path');

/** In the bundle, __dirname is where that lies. */
const load = (name) => require(join(__dirname, 'late', `${name}.cjs`));

/**
 * Stands for a package that is loaded by the first look at it. To whoever requires it, it is otherwise what it is; an operation that
 * imports it looks at once, for its names.
 * @param own what the stand-in itself answers, without a look
 */
function standIn(load, own = {}) {
  let loaded;
  const get = () => {
    loaded ??= load();
    return loaded;
  };
  // Of a plain function everything can be denied, as a proxy may do only where its target has nothing that is fixed.
  return new Proxy(() => undefined, {
    get: (_, name) => (Object.hasOwn(own, name) ? own[name] : get()[name]),
    has: (_, name) => name in get(),
    set: (_, name, value) => Reflect.set(get(), name, value),
    apply: (_, self, args) => Reflect.apply(get(), self, args),
    ownKeys: () => Reflect.ownKeys(get()),
    getOwnPropertyDescriptor(_, name) {
      const descriptor = Reflect.getOwnPropertyDescriptor(get(), name);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}

module.exports = { load, standIn };
