/** Compute kernels, the same code plain and preemptible: what preemption costs. Each answers a digest of what it computed. */

const bytes: usize = memory.data(32768, 8);
const table: usize = memory.data(1024, 4);
const matrices: usize = memory.data(3 * 32 * 32 * 8, 8);

/** Numbers that look random, the same every time. */
function scramble(count: i32): void {
  let state: u32 = 12345;
  for (let i = 0; i < count; i++) {
    state = state * 1664525 + 1013904223;
    store<u8>(bytes + i, <u8>(state >> 24));
  }
}

/** CRC-32 with a table, over 32 KiB. */
export function crc(): i32 {
  for (let i: u32 = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    store<u32>(table + i * 4, value);
  }
  let sum: u32 = 0xffffffff;
  for (let i = 0; i < 32768; i++) sum = load<u32>(table + (((sum ^ load<u8>(bytes + i)) & 255) << 2)) ^ (sum >>> 8);
  return ~sum;
}

/** Two matrices of 32 x 32 numbers, multiplied. */
export function matmul(): i32 {
  const a = matrices;
  const b = matrices + 32 * 32 * 8;
  const c = matrices + 2 * 32 * 32 * 8;
  for (let i = 0; i < 32 * 32; i++) {
    store<f64>(a + i * 8, <f64>(i % 17));
    store<f64>(b + i * 8, <f64>(i % 13));
  }
  for (let i = 0; i < 32; i++) {
    for (let j = 0; j < 32; j++) {
      let sum: f64 = 0;
      for (let k = 0; k < 32; k++) sum += load<f64>(a + (i * 32 + k) * 8) * load<f64>(b + (k * 32 + j) * 8);
      store<f64>(c + (i * 32 + j) * 8, sum);
    }
  }
  let digest: f64 = 0;
  for (let i = 0; i < 32 * 32; i++) digest += load<f64>(c + i * 8) * <f64>(i & 7);
  return <i32>digest;
}

/** The primes below 32768. */
export function sieve(): i32 {
  memory.fill(bytes, 1, 32768);
  for (let i = 2; i < 182; i++) {
    if (load<u8>(bytes + i) == 0) continue;
    for (let j = i * i; j < 32768; j += i) store<u8>(bytes + j, 0);
  }
  let count = 0;
  for (let i = 2; i < 32768; i++) count += load<u8>(bytes + i);
  return count;
}

/** Words, numbers and other things in 32 KiB of bytes, by a table of classes. */
export function parse(): i32 {
  for (let i = 0; i < 256; i++) {
    const letter = (i >= 65 && i < 91) || (i >= 97 && i < 123);
    store<u8>(table + i, letter ? 1 : i >= 48 && i < 58 ? 2 : i == 32 ? 3 : 0);
  }
  let words = 0;
  let numbers = 0;
  let others = 0;
  let value: u32 = 0;
  let at = 0;
  while (at < 32768) {
    const kind = load<u8>(table + load<u8>(bytes + at));
    if (kind == 1) {
      words++;
      while (at < 32768 && load<u8>(table + load<u8>(bytes + at)) == 1) at++;
    } else if (kind == 2) {
      numbers++;
      let number: u32 = 0;
      while (at < 32768 && load<u8>(table + load<u8>(bytes + at)) == 2) number = number * 10 + load<u8>(bytes + at++) - 48;
      value ^= number;
    } else {
      others++;
      at++;
    }
  }
  return words + numbers * 31 + others * 17 + value;
}

/** A small machine whose program runs in a loop with a switch. */
export function interpret(): i32 {
  let a: i32 = 1;
  let b: i32 = 7;
  let c: i32 = 0;
  let at = 0;
  let steps = 0;
  while (steps < 100000) {
    const code = load<u8>(bytes + (at & 0x7fff)) & 7;
    at++;
    steps++;
    switch (code) {
      case 0:
        a += b;
        break;
      case 1:
        b ^= a;
        break;
      case 2:
        c += a & b;
        break;
      case 3:
        a = (a << 3) | (a >>> 29);
        break;
      case 4:
        if (c & 1) at += 3;
        break;
      case 5:
        b -= c;
        break;
      case 6:
        c = c * 5 + 1;
        break;
      default:
        a ^= c >>> 2;
    }
  }
  return a ^ b ^ c;
}

function sort(low: i32, high: i32): void {
  if (low >= high) return;
  const pivot = load<i32>(bytes + (((low + high) >> 1) << 2));
  let i = low;
  let j = high;
  while (i <= j) {
    while (load<i32>(bytes + (i << 2)) < pivot) i++;
    while (load<i32>(bytes + (j << 2)) > pivot) j--;
    if (i > j) break;
    const other = load<i32>(bytes + (i << 2));
    store<i32>(bytes + (i << 2), load<i32>(bytes + (j << 2)));
    store<i32>(bytes + (j << 2), other);
    i++;
    j--;
  }
  sort(low, j);
  sort(i, high);
}

/** 8192 numbers, sorted by quicksort. */
export function quicksort(): i32 {
  sort(0, 8191);
  let digest = 0;
  for (let i = 0; i < 8192; i += 97) digest = digest * 31 + load<i32>(bytes + (i << 2));
  return digest;
}

function fibonacci(n: i32): i32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

/** By the naive recursion. */
export function fib(): i32 {
  return fibonacci(25);
}

/** Before each: the same bytes. */
export function prepare(): void {
  scramble(32768);
}
