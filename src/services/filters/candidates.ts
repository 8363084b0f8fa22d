export * from '../../graph/filter/candidates.js';
