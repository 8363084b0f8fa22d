export * from '../graph/walk/ownership.js';
