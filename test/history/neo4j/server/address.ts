import type { DatabaseAddress } from '../../../../src/history/neo4j/database.js';

/** The address of a test server's one database. */
export const addressOf = (url: string): DatabaseAddress => ({ url, user: 'neo4j', password: 'any', database: 'neo4j' });
