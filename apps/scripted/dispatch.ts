/**
 * A repair shop: three branches report jobs to one office, which sorts them by urgency for two workers.
 *
 *     [north] --+
 *     [south] --+-- inbox: 4 messages, first in first out --> [office] -- jobs: 16 messages, by priority --> [ann], [ben]
 *     [west]  --+
 *
 * The branches have more to report than the inbox holds, so they wait in its send queue until it is their turn; what ends in "!"
 * is sent to the front of the inbox. Among the jobs the more urgent overtakes, equals keep their order, and a worker is told the
 * urgency with the message. An empty message ends a worker's day: a queue, unlike a pipe, has no end of its own.
 */
import { FOREVER, type System } from "talea";

/** What each branch reports: urgency 1 to 255, and what is to be done. */
const BRANCHES = {
  north: ["1 tap drips", "5 lamp is out", "2 door sticks"],
  south: ["3 lock jams", "9 smell of gas!", "1 fence leans"],
  west: ["5 heating is cold", "2 gutter is full", "3 bell is mute"],
};
const WORKERS = ["ann", "ben"];
/** Bytes of the longest message. */
const SIZE = 32;

export default function dispatch(system: System): void {
  const console = system.console();
  const inbox = system.queue({ name: "inbox", count: 4, size: SIZE });
  const jobs = system.queue({ name: "jobs", count: 16, size: SIZE, discipline: "priority" });

  for (const [branch, reports] of Object.entries(BRANCHES)) {
    system.task(branch, { priority: 10, writes: [inbox] }, function* () {
      for (const report of reports) yield* inbox.send(report, { front: report.endsWith("!") });
    });
  }

  system.task("office", { priority: 9, reads: [inbox], writes: [jobs] }, function* (self) {
    const report = self.buffer(SIZE);
    const came: number[] = [];
    for (let open = Object.values(BRANCHES).flat().length; open > 0; open--) {
      const text = report.text(yield* inbox.receive(report));
      const urgency = Number.parseInt(text, 10);
      came.push(urgency);
      yield* jobs.send(text.slice(text.indexOf(" ") + 1), { priority: urgency });
    }
    yield* console.write(`urgencies as they came: ${came.join(" ")}\n`);
    // Behind every job, because no job has urgency 0.
    for (const _ of WORKERS) yield* jobs.send("", { priority: 0 });
  });

  for (const name of WORKERS) {
    // Less urgent than the office: the jobs pile up first, so that there is something to sort.
    system.task(name, { priority: 8, reads: [jobs] }, function* (self) {
      const job = self.buffer(SIZE);
      const urgency = self.buffer(4);
      for (;;) {
        const length = yield* jobs.receive(job, FOREVER, urgency);
        if (length === 0) return;
        yield* console.write(`${name}: ${job.text(length)} (${urgency.word(0)})\n`);
        // The longer the word for it, the longer the work.
        yield* self.sleep(2 * length);
      }
    });
  }
}
