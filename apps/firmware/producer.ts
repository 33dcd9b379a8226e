/**
 * Two producers and a consumer. Samples are messages, which keep their boundaries and overtake each other; remarks are bytes in a
 * pipe that come to an end when nobody is left to write.
 *
 *     sensor -- queue of two, the highest priority first --> consumer -- pipe --> clerk --> console
 */
import { buffer, console, Discipline, out, pipe, print, queue, self, task } from "talea/firmware";

const SAMPLES: i32 = 6;
/** From this temperature on a sample is urgent. */
const HOT: i32 = 30;

const samples = queue({ name: "samples", count: 2, size: 4, discipline: Discipline.PRIORITY });
const remarks = pipe({ name: "remarks", capacity: 16 });
const sample = buffer(4);
const taken = buffer(4);
const line = buffer(32);

task("sensor", { priority: 12, writes: [samples] }, () => {
  for (let i = 0; i < SAMPLES; i++) {
    const temperature = 20 + ((i * 7) % 15);
    sample.setWord(0, temperature);
    samples.send(sample, temperature >= HOT ? 1 : 0);
  }
  print("sensor: {} samples sent, at most 2 waited\n", SAMPLES);
});

task("consumer", { priority: 10, reads: [samples], writes: [remarks] }, () => {
  let sum = 0;
  for (let i = 0; i < SAMPLES; i++) {
    samples.receive(taken);
    const temperature = taken.word(0);
    self.compute(16_000);
    sum += temperature;
    remarks.write(temperature >= HOT ? "hot " : "mild ");
  }
  out()
    .text("consumer: the mean is ")
    .decimal(<f64>sum / <f64>SAMPLES, 1)
    .text("\n")
    .end();
});

task("clerk", { priority: 8, reads: [remarks] }, () => {
  let bytes = 0;
  for (let n = remarks.read(line); n > 0; n = remarks.read(line)) {
    console.write(line.slice(0, n));
    bytes += n;
  }
  print("\nclerk: {} bytes of remarks, and nobody is left to write\n", bytes);
});
