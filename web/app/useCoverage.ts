import { graphql, type ResultOf } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';

/** Only what was watched is asked for: no node has no id. */
const CoverageAt = graphql(`
  query CoverageAt($at: DateTime) {
    topology(filter: { nodes: { id: [] } }, at: $at) {
      coverage {
        complete
        gaps {
          host
          probe
          reason
        }
      }
    }
  }
`);

type Gap = ResultOf<typeof CoverageAt>['topology']['coverage']['gaps'][number];

const REASONS = {
  AGENT_DIRTY: 'its agent had to drop changes',
  AGENT_LOST: 'its agent was away',
  ANALYZER_DOWN: 'the analyzer did not run',
  PROBE_DOWN: 'a probe did not run',
} as const;
const MOST_NAMED = 3;

/** What was not watched at a moment of the past, in words; `undefined` where all was, and for the present. */
export function useUnwatched(at: string | undefined): string | undefined {
  const { data } = useAnswer(CoverageAt, at === undefined ? undefined : { at }, { subject: at ?? '' });
  const coverage = data?.topology.coverage;
  if (at === undefined || coverage === undefined || coverage.complete) return undefined;
  const words = [...new Set(coverage.gaps.map(inWords))];
  const more = words.length - MOST_NAMED;
  return `Not all was watched then: ${words.slice(0, MOST_NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

const inWords = ({ host, probe, reason }: Gap): string =>
  host === null ? REASONS[reason] : `${[host, probe].filter(Boolean).join(', ')} (${REASONS[reason]})`;
