import { orderedMetadata } from '../../../src/gremlin/json/goText.js';
import { interfaceId, interfaceMetadata } from '../interfaces.js';

/** The interface that is asked for. */
export const NUMBER = 4_711;

/** What the analyzer answers about the interface that was written at an instant. */
export const answerOf = (writtenAt: number): string => {
  const node = {
    ID: interfaceId(NUMBER),
    Metadata: orderedMetadata(interfaceMetadata(NUMBER)),
    Host: 'host-0',
    Origin: 'agent.host-0',
    CreatedAt: writtenAt,
    UpdatedAt: writtenAt,
    DeletedAt: null,
    Revision: 1,
  };
  return `${JSON.stringify([node])}\n`;
};
