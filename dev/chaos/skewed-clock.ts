/** Loaded into a worker before the app: its clock is off by CLOCK_SKEW_SECONDS, as a machine's may be. */
const skewMs = Number(process.env.CLOCK_SKEW_SECONDS ?? 0) * 1000;
const RealDate = Date;
const now = () => RealDate.now() + skewMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new Date().toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
