import type { CaptureNote } from '../shared/captureNote';
import type { WhoCost } from '../shared/session';
import type { WhoSample } from './whoQuery';
import { WhoSightings } from './whoSightings';

/** Between two samples while something is written. */
const BUSY_MS = 250;
/** Between two while nothing was written for so many samples. */
const QUIET_MS = 1_000;
const QUIET_AFTER = 20;
/** A standby is asked so often whether it was promoted. */
const STANDBY_MS = 10_000;
/** A sample that takes the server longer is taken more seldom. */
const SLOW_MS = 50;
/** A server that takes so long has other work: it is left alone. */
const OVERLOADED_MS = 250;
const REST_MS = 15_000;
/** A sample takes at most this share of the time. */
const MOST_SHARE = 1 / 20;
/** Characters of notes that a capture takes at most: a reader holds them in memory. */
const MOST_NOTED = 32 * 1024 * 1024;

export interface WhoSamplerOptions {
  /** Looks now; undefined while nobody can be asked, as while a session is restored. */
  readonly sample: () => Promise<WhoSample> | undefined;
  readonly take: (notes: readonly CaptureNote[]) => void;
  /** What it costs, when that has changed. */
  readonly tell: (cost: WhoCost) => void;
}

/**
 * Looks a few times a second which transactions write and whose they are, beside a stream. It becomes slower
 * by itself where a sample is slow or nothing is written, and leaves an overloaded server alone.
 */
export class WhoSampler {
  readonly #options: WhoSamplerOptions;
  readonly #sightings = new WhoSightings();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #looking = false;
  #lastLsn = '';
  #lastAt = '';
  #quiet = 0;
  #noted = 0;
  #meanMs: number | undefined;
  #told = '';
  /** A mark is open: whoever clicks now wants to be seen. */
  eager = false;

  constructor(options: WhoSamplerOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#stopped) void this.#turn();
  }

  /** What was seen last is noted; nothing is asked any more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#take(this.#sightings.end());
    this.#look(false);
  }

  async #turn(): Promise<void> {
    const wait = await this.#sample();
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.#turn();
    }, wait);
  }

  /** Takes a sample; milliseconds until the next. */
  async #sample(): Promise<number> {
    const asked = this.#noted > MOST_NOTED ? undefined : this.#options.sample();
    if (asked === undefined) {
      this.#look(false);
      return QUIET_MS;
    }
    let sample: WhoSample;
    try {
      sample = await asked;
    } catch {
      // A lost session is restored by its owner; whoever wrote meanwhile was not looked for.
      this.#look(false);
      return QUIET_MS;
    }
    if (this.#stopped) return QUIET_MS;
    if (sample.standby) {
      this.#look(false);
      return STANDBY_MS;
    }
    this.#lastAt = sample.at;
    const { tookMs } = sample;
    this.#meanMs = this.#meanMs === undefined ? tookMs : this.#meanMs * 0.9 + tookMs * 0.1;
    const isOverloaded = tookMs > OVERLOADED_MS;
    this.#look(!isOverloaded);
    this.#take(this.#sightings.take(sample.seen, sample.at));
    const isQuiet = sample.lsn === this.#lastLsn && sample.seen.length === 0;
    this.#lastLsn = sample.lsn;
    this.#quiet = isQuiet && !this.eager ? this.#quiet + 1 : 0;
    const wait = this.#waitAfter(tookMs, isOverloaded);
    this.#tell(isOverloaded ? 0 : 1000 / wait);
    return wait;
  }

  #waitAfter(tookMs: number, isOverloaded: boolean): number {
    if (isOverloaded) return REST_MS;
    const least = this.#quiet >= QUIET_AFTER ? QUIET_MS : BUSY_MS;
    return tookMs > SLOW_MS ? Math.max(least, tookMs / MOST_SHARE) : least;
  }

  /** Notes from when on it is looked, and no longer: between the two, who is not known was not seen. */
  #look(on: boolean): void {
    if (this.#looking === on) return;
    this.#looking = on;
    if (this.#lastAt !== '') this.#take([{ kind: 'sampling', on, at: this.#lastAt }]);
    if (!on) this.#tell(0);
  }

  #take(notes: readonly CaptureNote[]): void {
    if (notes.length === 0) return;
    for (const note of notes) this.#noted += sizeOf(note);
    this.#options.take(notes);
  }

  #tell(perSecond: number): void {
    const cost = {
      perSecond: Math.round(perSecond * 10) / 10,
      milliseconds: roundedCost(this.#meanMs ?? 0),
    };
    const told = JSON.stringify(cost);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.tell(cost);
  }
}

/** Steps so large that a figure does not flicker. */
function roundedCost(milliseconds: number): number {
  if (milliseconds < 1) return Math.max(0.1, Math.round(milliseconds * 5) / 5);
  return Math.round(milliseconds);
}

function sizeOf(note: CaptureNote): number {
  return note.kind === 'who' ? 300 + note.query.length : 100;
}
