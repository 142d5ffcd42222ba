/** When storage is asked and when not, on a clock that the test moves. */
import { beforeEach, expect, test } from '@jest/globals';
import { type Circuit, CircuitOpen, circuit } from '../../src/storage/circuit.ts';

const OUTAGE = new Error('no answer');
const ANSWER = new Error('not found');

let nowMs: number;
let run: Circuit;
let asked: number;

beforeEach(() => {
  nowMs = 0;
  asked = 0;
  run = circuit(
    (error) => error === OUTAGE,
    () => nowMs,
  );
});

const answers = () => run(async () => ++asked);
const fails = (error = OUTAGE) =>
  run(async () => {
    asked += 1;
    throw error;
  }).catch((thrown: unknown) => thrown);

async function open() {
  for (let i = 0; i < 5; i += 1) expect(await fails()).toBe(OUTAGE);
  expect(await fails()).toBeInstanceOf(CircuitOpen);
  expect(asked).toBe(5);
}

test('five failures in a row open it: the next call is not made', open);

test('an answer between failures keeps it closed, an error of the caller among them', async () => {
  for (let i = 0; i < 20; i += 1) {
    await fails(i % 4 === 3 ? ANSWER : OUTAGE);
    if (i % 8 === 2) await answers();
  }
  expect(await answers()).toBe(24);
});

test('after two seconds one call goes through; its answer closes it for all', async () => {
  await open();
  nowMs = 1999;
  await expect(answers()).rejects.toThrow('not asked');
  nowMs = 2000;
  const probe = Promise.withResolvers<void>();
  const probing = run(() => probe.promise);
  await expect(answers()).rejects.toThrow(CircuitOpen);
  probe.resolve();
  await probing;
  expect(await answers()).toBe(6);
});

test('a probe that fails opens it again for as long', async () => {
  await open();
  nowMs = 2000;
  expect(await fails()).toBe(OUTAGE);
  nowMs = 3999;
  expect(await fails()).toBeInstanceOf(CircuitOpen);
  nowMs = 4000;
  expect(await answers()).toBe(7);
});

test('a probe that is answered with an error of the caller closes it as well', async () => {
  await open();
  nowMs = 2000;
  expect(await fails(ANSWER)).toBe(ANSWER);
  expect(await answers()).toBe(7);
});

test('calls that began before and fail later keep it open no longer; one that is answered closes it', async () => {
  const [late, later] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const began = run(() => late.promise).catch((error: unknown) => error);
  const beganToo = run(() => later.promise);
  await open();
  nowMs = 1900;
  late.reject(OUTAGE);
  await began;
  nowMs = 1950;
  later.resolve();
  await beganToo;
  expect(await answers()).toBe(6);
});
