export { compileEdgeFilter, everyEdge, type EdgeTest } from '../../graph/filter/edgeFilter.js';
