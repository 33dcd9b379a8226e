/**
 * Stands for uvu in the bundle: suites are collected, not run, so that single tests can be run in whatever order, each with the hooks
 * of its suite around it.
 */

type Hook = (context: Record<string, unknown>) => unknown;

/** A test with all that is run for it. */
export interface Collected {
  name: string;
  run(): Promise<void>;
}

export const collected: Collected[] = [];

interface Suite {
  (name: string, body: Hook): void;
  skip(...ignored: unknown[]): void;
  only(name: string, body: Hook): void;
  before: Around;
  after: Around;
  run(): void;
}

interface Around {
  (hook: Hook): void;
  each(hook: Hook): void;
}

function around(all: Hook[], each: Hook[]): Around {
  return Object.assign((hook: Hook) => void all.push(hook), { each: (hook: Hook) => void each.push(hook) });
}

export function suite(title = "", context: Record<string, unknown> = {}): Suite {
  const tests: [name: string, body: Hook][] = [];
  const [before, beforeEach, after, afterEach]: Hook[][] = [[], [], [], []] as never;
  const add = (name: string, body: Hook) => void tests.push([name, body]);
  return Object.assign(add, {
    skip: () => {},
    only: add,
    before: around(before as Hook[], beforeEach as Hook[]),
    after: around(after as Hook[], afterEach as Hook[]),
    run: () => {
      for (const [name, body] of tests) collected.push({ name: `${title}: ${name}`, run: () => runOne(body) });
    },
  });

  async function runOne(body: Hook): Promise<void> {
    for (const hook of [...(before as Hook[]), ...(beforeEach as Hook[])]) await hook(context);
    try {
      await body(context);
    } finally {
      for (const hook of [...(afterEach as Hook[]), ...(after as Hook[])]) await hook(context);
    }
  }
}

export const test: Suite = suite();
