/** For tsc, which finds this file first: options may be left out. asc finds partial/index.ts. */
export type Partial<T> = { [Key in keyof T]?: T[Key] };
