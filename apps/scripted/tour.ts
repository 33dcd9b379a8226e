/**
 * A weather station in which tasks talk in every way at once. Each way says so in a line when its turn comes; the lines go
 * through a pipe to one task, so they are one of the ways.
 *
 *     interrupt -- thread flags --> meter -- message queue --> analyst -- shared region --> painter
 *     timer -- semaphore --> camera -- mailbox --> lab -- broadcast --> left frame, right frame
 *     analyst -- event flags --> keeper -- signals --> kite
 *     camera -- notification --> watch, which polls for that and for the keeper's end, with an alarm
 *     caller <-- socket --> office, which reads the shared region
 *     everybody -- pipe --> teller -> console
 */
import { Block, EINTR, SIGALRM, SIGCHLD, SIGCONT, SIGSTOP, Socket, type System } from "talea";

const SAMPLES = 5;
const PICTURES = 2;
const TICK = 16_000;
/** From this temperature on it is a storm. */
const STORM = 30;
const TEMPERATURES = [21, 24, 33, 29, 26];
/** Words of the board: how many samples, their sum. */
const [COUNT, SUM] = [0, 4];
const PORT = 7;

export default function tour(system: System): void {
  const console = system.console();
  const story = system.pipe({ name: "story", capacity: 128 });
  const samples = system.queue({ name: "samples", count: 2, size: 4 });
  const film = system.pool({ name: "film", count: 2, size: 64 });
  const pictures = system.mailbox({ name: "pictures" });
  const prints = system.mailbox({ name: "prints" });
  const board = system.region({ name: "board", size: 8 });
  const pen = system.mutex({ name: "pen" });
  const beat = system.semaphore({ name: "beat" });
  const weather = system.event({ name: "weather" });
  const counter = system.socket({ name: "counter", receive: 64 });
  const start = system.barrier(3, { name: "start" });
  const shutter = system.timer({ name: "shutter", give: beat });
  const probe = system.hardwareTimer({ line: 5, jitter: TICK });

  const say = (line: string) => story.write(`${line}\n`);
  const writes = [story];

  system.task("teller", { priority: 4, reads: [story] }, function* (self) {
    const line = self.buffer(64);
    for (let length = yield* story.read(line); length > 0; length = yield* story.read(line)) {
      yield* console.write(line.slice(0, length));
    }
    yield* console.write("pipe: nobody is left to write, so the story ends here\n");
  });

  // An interrupt tells a task by its thread flags; the task sends messages, and waits where the queue is full.
  const meter = system.task("meter", { priority: 20, writes: [story, samples] }, function* (self) {
    const sample = self.buffer(4);
    yield* start.wait();
    // A sample every 20,000 cycles or so: finer than the tick.
    yield* probe.write(0, 20_000);
    yield* probe.write(1, 1);
    for (const temperature of TEMPERATURES) {
      yield* self.waitFlags(1, { clear: true });
      if (temperature === TEMPERATURES[0]) yield* say("interrupt: the probe set a thread flag, the meter runs");
      sample.setWord(0, temperature);
      yield* samples.send(sample);
    }
    yield* probe.write(1, 0);
    yield* say(`message queue: ${SAMPLES} messages were sent, at most 2 wait in it`);
  });
  system.interrupt(5, {}, function* () {
    yield* meter.setFlags(1);
  });

  // Two tasks share memory. The mutex keeps the two words together, the futex tells of news.
  system.task("analyst", { priority: 12, reads: [samples], writes: [story, board] }, function* (self) {
    const sample = self.buffer(4);
    const words = yield* board.view();
    yield* start.wait();
    for (let i = 0; i < SAMPLES; i++) {
      yield* samples.receive(sample);
      const temperature = sample.word(0);
      yield* pen.lock();
      words.setWord(COUNT, words.word(COUNT) + 1);
      yield* self.compute(TICK / 4);
      words.setWord(SUM, words.word(SUM) + temperature);
      yield* pen.unlock();
      yield* board.wakeAll(COUNT);
      if (temperature >= STORM) yield* weather.set(1);
    }
  });

  system.task("painter", { priority: 10, reads: [board], writes }, function* () {
    const words = yield* board.view();
    for (let seen = 0; seen < SAMPLES; seen = words.word(COUNT)) yield* board.wait(COUNT, seen);
    yield* pen.lock();
    const mean = words.word(SUM) / words.word(COUNT);
    yield* pen.unlock();
    yield* say(`shared region: the mean of ${SAMPLES} samples is ${mean}`);
  });

  // A server and its client, each with an end of a stream of its own.
  system.task("office", { priority: 9, reads: [board, counter], writes }, function* (self) {
    yield* counter.bind(PORT);
    yield* counter.listen();
    const line = yield* counter.accept();
    if (!(line instanceof Socket)) return;
    const question = self.buffer(32);
    const length = yield* line.receive(question);
    const words = yield* board.view();
    for (let seen = 0; seen < SAMPLES; seen = words.word(COUNT)) yield* board.wait(COUNT, seen);
    yield* line.send(`${question.text(length)} ${words.word(COUNT)} samples`);
    yield* line.close();
  });

  system.task("caller", { priority: 5, writes }, function* (self) {
    const line = yield* self.create.socket({ receive: 64 });
    yield* line.connect("127.0.0.1", PORT);
    yield* line.send("how many?");
    yield* line.shutdown("write");
    const answer = self.buffer(32);
    const length = yield* line.receive(answer);
    const end = yield* line.receive(answer.slice(length));
    yield* say(`sockets: "${answer.text(length)}", said port ${PORT} of 127.0.0.1, and hung up with ${end}`);
  });

  // What is big is not copied: the block's address goes from hand to hand.
  system.task("camera", { priority: 16, writes: [story, pictures] }, function* () {
    yield* start.wait();
    yield* shutter.start(2, 6);
    for (let i = 1; i <= PICTURES; i++) {
      yield* beat.take();
      const picture = yield* film.alloc();
      if (!(picture instanceof Block)) return;
      picture.view.copy(`picture ${i}`);
      yield* watch.notify(i);
      yield* pictures.sendSync(picture);
    }
    yield* shutter.stop();
    yield* say("mailbox: both pictures were taken over, not a byte copied");
  });

  system.task("lab", { priority: 14, reads: [pictures], writes: [prints, story] }, function* (self) {
    for (;;) {
      const picture = yield* pictures.receive();
      if (!(picture instanceof Block)) return;
      yield* self.compute(TICK);
      const text = picture.view.text(9);
      const reached = yield* prints.broadcast(picture);
      yield* say(`broadcast: ${text} hangs in ${reached} frames, one copy for all`);
    }
  });

  for (const name of ["left frame", "right frame"]) {
    system.task(name, { priority: 8, reads: [prints] }, function* (self) {
      for (;;) {
        const print = yield* prints.receive();
        if (!(print instanceof Block)) return;
        yield* self.sleep(2);
        yield* print.free();
      }
    });
  }

  // A parent stops its child, lets it go on, and hears of each.
  const keeper = system.task("keeper", { priority: 18, writes }, function* (self) {
    let heard = 0;
    // biome-ignore lint/correctness/useYield: a handler may be as short as this
    const hear = function* () {
      heard++;
    };
    yield* self.signals.handle(SIGCHLD, hear, { restart: true });
    const kite = yield* self.create.task("kite", { priority: 6 }, function* (child) {
      for (let i = 0; i < 12; i++) yield* child.compute(TICK / 4);
    });
    yield* weather.wait(1);
    yield* kite.signal(SIGSTOP);
    while ((yield* self.sleep(4)) === EINTR);
    yield* kite.signal(SIGCONT);
    yield* kite.join();
    yield* say(`signals: the kite was stopped in the storm, ${heard} SIGCHLD told so`);
  });

  // One task waits for two things at once, and an alarm interrupts it when neither comes.
  const watch = system.task("watch", { priority: 22, writes }, function* (self) {
    let alarms = 0;
    let announced = 0;
    yield* self.signals.handle(SIGALRM, function* () {
      alarms++;
      yield* self.alarm(3);
    });
    const things = self.pollSet([{ ended: keeper }, { notification: true }]);
    yield* self.alarm(3);
    do {
      while ((yield* things.wait()) === EINTR);
      if (things.ready(1)) announced = yield* self.waitNotification();
    } while (!things.ready(0));
    yield* self.alarm(0);
    yield* say(`poll: ${announced} pictures, ${alarms} alarms, then the keeper went home`);
  });
}
