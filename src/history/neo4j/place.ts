import { CanopyError } from '../../common/errors.js';
import type { Journal } from '../../journal/journal.js';
import { MODEL_VERSION } from './model.js';
import type { Projection } from './position.js';

type Place = Omit<Projection, 'writer'>;

/** Where an empty database begins: with the first change, or with the graph that was there when the oldest change that is kept was made. */
export function beginning(journal: Journal): Place {
  const { epochs, oldestSeq, oldestAt } = journal;
  const seq = oldestSeq - 1;
  const { epoch } = epochs.positionOf(seq);
  const epochStartedAt = epochs.startedAt(epoch)!;
  return {
    journal: epochs.beganAt,
    model: MODEL_VERSION,
    phase: seq === 0 ? 'follow' : 'base',
    seq,
    epoch,
    epochStartedAt,
    isRebuilding: true,
    baseDone: 0,
    at: oldestAt,
  };
}

/**
 * Where to go on, given what the database says of itself. Throws `DATA_LOCKED` for the database of another analyzer, `DATA_NEWER` for one that a newer program
 * wrote.
 */
export function resume(there: Projection | undefined, journal: Journal, url: string): Place {
  if (there === undefined) return beginning(journal);
  if (there.model > MODEL_VERSION) {
    throw new CanopyError(
      'DATA_NEWER',
      `The database at ${url} was written by a newer version of Canopy (model ${there.model}, this program writes ${MODEL_VERSION}). Install the newer version, or name another database in \`history.database\`.`,
    );
  }
  const anew: Place = {
    ...there,
    journal: journal.epochs.beganAt,
    model: MODEL_VERSION,
    phase: 'wipe',
    seq: 0,
    baseDone: 0,
    isRebuilding: true,
  };
  // A wipe was asked for, or was begun: whose the database was does not matter any more.
  if (there.phase === 'wipe') return anew;
  if (there.journal !== journal.epochs.beganAt) {
    throw new CanopyError(
      'DATA_LOCKED',
      `The database at ${url} holds the history of another analyzer's data folder. Name another database in \`history.database\`, or have this one written anew with \`canopy history rebuild neo4j\`.`,
    );
  }
  if (there.model < MODEL_VERSION) return anew;
  if (there.phase === 'base' || there.seq === 0) return there;
  // The epoch's number alone says little: a data folder that was restored from a copy gives the same numbers to other changes.
  const isSameEpoch = journal.epochs.startedAt(there.epoch) === there.epochStartedAt;
  switch (isSameEpoch ? journal.check(there) : 'in-future') {
    case 'good':
      return there;
    case 'lost-in-crash':
      return { ...there, phase: 'cut', seq: journal.epochs.lastSeqOf(there.epoch)! };
    case 'pruned':
    case 'in-future':
      return anew;
  }
}
