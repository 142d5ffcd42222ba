/** Images made for the tests: small, of known pixels. */
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

export const WIDTH = 96;
export const HEIGHT = 64;

export type Colour = readonly [red: number, green: number, blue: number];
export const RED: Colour = [255, 0, 0];
export const GREEN: Colour = [0, 128, 0];
export const BLUE: Colour = [0, 0, 255];
export const YELLOW: Colour = [255, 255, 0];

/** Top left, top right, bottom left, bottom right. */
export type Quarters = readonly [Colour, Colour, Colour, Colour];
export const QUARTERS: Quarters = [RED, GREEN, BLUE, YELLOW];

/** An image of four quarters, each of one colour. */
export function quartered(quarters: Quarters = QUARTERS, width = WIDTH, height = HEIGHT): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const isRight = at % width >= width / 2;
    const isBelow = at >= (width * height) / 2;
    pixels.set(quarters[(isBelow ? 2 : 0) + (isRight ? 1 : 0)] ?? [], at * 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Noise does not compress: a cut at any place cuts pixels. */
export function noisy(width = 301, height = 203): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let at = 0; at < pixels.length; at++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    pixels[at] = state >> 16;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** https://www.w3.org/TR/png-3/#5Chunk-layout */
export function pngChunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

const PNG_HEADER_END = 8 + 12 + 13;

/** The same PNG, announced as an animation of so many frames of which the first is the image itself. */
export function asAnimatedPng(png: Buffer, frames: number): Buffer {
  const control = Buffer.alloc(8);
  control.writeUInt32BE(frames);
  return Buffer.concat([
    png.subarray(0, PNG_HEADER_END),
    pngChunk('acTL', control),
    png.subarray(PNG_HEADER_END),
  ]);
}

/** The same PNG whose header claims another size. */
export function pngClaiming(png: Buffer, width: number, height: number): Buffer {
  const header = Buffer.from(png.subarray(16, 16 + 13));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([png.subarray(0, 8), pngChunk('IHDR', header), png.subarray(PNG_HEADER_END)]);
}

/** The same JPEG whose frame header (SOF0) claims another size. */
export function jpegClaiming(jpeg: Buffer, width: number, height: number): Buffer {
  const claiming = Buffer.from(jpeg);
  const frame = claiming.indexOf(Buffer.from([0xff, 0xc0]));
  claiming.writeUInt16BE(height, frame + 5);
  claiming.writeUInt16BE(width, frame + 7);
  return claiming;
}

/** The same lossy WebP whose frame header claims another size; RFC 6386, section 9.1. */
export function webpClaiming(webp: Buffer, width: number, height: number): Buffer {
  const claiming = Buffer.from(webp);
  claiming.writeUInt16LE(width, 26);
  claiming.writeUInt16LE(height, 28);
  return claiming;
}
