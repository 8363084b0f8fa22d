import { type FormEvent, type JSX, useState } from 'react';
import { ask } from '../data/ask.js';
import { type Failure, failureFrom } from '../data/failure.js';
import type { VariablesOf } from '../data/graphql.js';
import { Problem } from '../ui/Problem.js';
import { InjectPackets } from './documents.js';
import { EndPicker } from './EndPicker.js';

type Input = VariablesOf<typeof InjectPackets>['input'];

const TYPES = {
  ICMP4: 'ICMP (IPv4)',
  ICMP6: 'ICMP (IPv6)',
  TCP4: 'TCP (IPv4)',
  TCP6: 'TCP (IPv6)',
  UDP4: 'UDP (IPv4)',
  UDP6: 'UDP (IPv6)',
} as const;

interface InjectionFormProps {
  /** The selected node: packets come from it unless another is chosen. */
  readonly node: string | undefined;
  onDone(): void;
}

/** Asks for packets to be made and sent: from where, to whom, of which kind, how many. */
export function InjectionForm({ node, onDone }: InjectionFormProps): JSX.Element {
  const [input, setInput] = useState<Input>({ srcNode: node ?? null, type: 'ICMP4', count: 5, interval: '100ms' });
  const [failure, setFailure] = useState<Failure>();
  const put = (part: Partial<Input>): void => setInput((before) => ({ ...before, ...part }));
  const isIcmp = input.type === 'ICMP4' || input.type === 'ICMP6';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setFailure(undefined);
    ask(InjectPackets, { input })
      .then(onDone)
      .catch((error: unknown) => setFailure(failureFrom(error)));
  };
  const text = (title: string, key: 'srcIp' | 'dstIp' | 'srcMac' | 'dstMac' | 'interval' | 'payload', placeholder: string): JSX.Element => (
    <label>
      {title}
      <input
        className="input mono"
        placeholder={placeholder}
        value={input[key] ?? ''}
        onChange={(event) => put({ [key]: event.target.value || null })}
      />
    </label>
  );
  const number = (
    title: string,
    key: 'count' | 'srcPort' | 'dstPort' | 'icmpId' | 'ttl' | 'incrementPayload',
    placeholder = '',
  ): JSX.Element => (
    <label>
      {title}
      <input
        className="input"
        type="number"
        min={0}
        placeholder={placeholder}
        value={input[key] ?? ''}
        onChange={(event) => put({ [key]: event.target.value === '' ? null : Number(event.target.value) })}
      />
    </label>
  );
  return (
    <form className="card-form" aria-label="Send packets" onSubmit={submit}>
      <div className="fields">
        <EndPicker title="From" id={input.srcNode ?? undefined} onId={(id) => put({ srcNode: id ?? null })} />
        <EndPicker title="To" id={input.dstNode ?? undefined} onId={(id) => put({ dstNode: id ?? null })} />
        <label>
          Kind
          <select
            className="input"
            value={input.type ?? 'ICMP4'}
            onChange={(event) => put({ type: event.target.value as keyof typeof TYPES })}
          >
            {Object.entries(TYPES).map(([type, words]) => (
              <option key={type} value={type}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {isIcmp ? (
          number('Identifier', 'icmpId', '1')
        ) : (
          <>
            {number('From port', 'srcPort', 'a free one')}
            {number('To port', 'dstPort')}
          </>
        )}
        {number('How many', 'count', '1')}
        {text('Time between two', 'interval', 'none')}
      </div>
      <details>
        <summary>More</summary>
        <div className="fields">
          {text('From address', 'srcIp', 'its first')}
          {text('To address', 'dstIp', 'its first')}
          {text('From MAC', 'srcMac', 'its own')}
          {text('To MAC', 'dstMac', 'of the next hop')}
          {text('Content', 'payload', '56 letters')}
          {number('Grows with each packet by, bytes', 'incrementPayload', '0')}
          {number('Time to live', 'ttl', '64')}
          <label>
            Identifiers and ports
            <select
              className="input"
              value={input.mode ?? 'UNIQUE'}
              onChange={(event) => put({ mode: event.target.value as 'UNIQUE' | 'RANDOM' })}
            >
              <option value="UNIQUE">the same: all are one flow</option>
              <option value="RANDOM">others for each packet</option>
            </select>
          </label>
        </div>
      </details>
      <Problem message={failure?.message} />
      <button className="button is-main" disabled={!input.srcNode}>
        Send
      </button>
    </form>
  );
}
