/** For asc, which finds this file first: an object literal may leave out every field that has an initialiser. tsc finds partial.d.ts. */
export type Partial<T> = T;
