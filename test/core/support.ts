/** A recorder with a fake clock and fake random numbers. */
import { Recorder, type RecorderOptions } from "../../src/core/recorder.js";
import { fakeClock, fakeRandom } from "../../src/testing/index.js";

export function newRecorder(options: Partial<RecorderOptions> = {}): Recorder {
  return new Recorder("entry", { clock: fakeClock(1000, 1), random: fakeRandom(1), ...options });
}
